// Sends messages with nodemailer: {transport, messages} on standard input, what became of each on standard output.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const nodemailer = createRequire(process.env.NODE_PATH + "/")("nodemailer");
const { transport, messages } = JSON.parse(readFileSync(0, "utf8"));
const transporter = nodemailer.createTransport(transport);
const sent = [];
for (const message of messages) sent.push(await transporter.sendMail(message));
transporter.close();
console.log(JSON.stringify(sent.map(({ accepted, rejected, response }) => ({ accepted, rejected, response }))));
