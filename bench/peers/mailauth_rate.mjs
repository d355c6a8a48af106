// How many messages npm's mailauth signs or verifies in a second: sign|verify rsa|ed25519 MESSAGE KEY SECONDS, as opendkim_rate.c.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.NODE_PATH + "/");
const { dkimSign } = require("mailauth/lib/dkim/sign");
const { dkimVerify } = require("mailauth/lib/dkim/verify");

const [what, kind, path, keyPath, seconds] = process.argv.slice(2);
const message = readFileSync(path);
const key = readFileSync(keyPath, "utf8");
const resolver = async () => [[key]];

async function once() {
  if (what === "sign") {
    const made = await dkimSign(message, {
      canonicalization: "relaxed/relaxed", algorithm: `${kind}-sha256`,
      signatureData: [{ signingDomain: "example.org", selector: "s1", privateKey: key }],
    });
    if (made.errors.length) throw new Error(made.errors[0].err);
    return;
  }
  const found = await dkimVerify(message, { resolver });
  if (found.results[0].status.result !== "pass") throw new Error(JSON.stringify(found.results[0].status));
}

for (let i = 0; i < 20; ++i) await once();
const begun = process.cpuUsage();
let count = 0, spent = 0;
while (spent < Number(seconds)) {
  await once();
  ++count;
  const used = process.cpuUsage(begun);
  spent = (used.user + used.system) / 1e6;
}
console.log((count / spent).toFixed(1));
