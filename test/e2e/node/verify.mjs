// Verifies a message with mailauth: {"message": …, "records": {name: text}} on standard input.
import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(process.env.NODE_PATH + "/");
const { authenticate } = require("mailauth");

let input = "";
for await (const piece of process.stdin) input += piece;
const { message, records } = JSON.parse(input);

const resolver = async (name, type) => {
  if (type === "TXT" && records[name]) return [[records[name]]];
  const error = new Error("none");
  error.code = "ENOTFOUND";
  throw error;
};
const found = await authenticate(Buffer.from(message), {
  ip: "127.0.0.1", helo: "mx.demo.test", sender: "alice@demo.test", mta: "peer.test", resolver,
});
console.log(JSON.stringify({
  dkim: found.dkim.results.map((one) => ({ result: one.status.result, algorithm: one.algo })),
  arc: found.arc && found.arc.status && found.arc.status.result,
}));
