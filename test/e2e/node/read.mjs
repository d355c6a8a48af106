// Reads a mailbox with node-pop3: the options of its constructor and `remove` (message numbers) on standard input, all
// unique ids and messages on standard output.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const required = createRequire(process.env.NODE_PATH + "/")("node-pop3");
const Pop3Command = required.default ?? required;
const { options, remove } = JSON.parse(readFileSync(0, "utf8"));
const pop3 = new Pop3Command(options);
const ids = await pop3.UIDL();
const messages = [];
for (const [number] of ids) messages.push(await pop3.RETR(Number(number)));
const top = ids.length ? await pop3.TOP(Number(ids[0][0]), 0) : "";
for (const number of remove) await pop3.command("DELE", number);
await pop3.QUIT();
console.log(JSON.stringify({ ids, messages, top }));
