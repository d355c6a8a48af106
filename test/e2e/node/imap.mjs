// What a webmail program does with imapflow: options of its constructor on standard input, what it found on standard output.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { ImapFlow } = createRequire(process.env.NODE_PATH + "/")("imapflow");
const { options, letter } = JSON.parse(readFileSync(0, "utf8"));
const found = { arrived: 0, vanished: [] };
const client = new ImapFlow({ ...options, logger: false });
client.on("exists", (event) => { found.arrived = event.count; });
client.on("expunge", (event) => { found.vanished.push(event.uid ?? event.seq); });
await client.connect();
found.capabilities = [...client.capabilities.keys()];
found.enabled = [...client.enabled];
found.namespace = client.namespace;
const special = (await client.list({ statusQuery: { messages: true, unseen: true, highestModseq: true } }));
found.mailboxes = special.map((m) => ({ path: m.path, use: m.specialUse ?? null, messages: m.status?.messages ?? null }));
await client.mailboxCreate(["Projects", "Été & co"]);
const appended = await client.append("INBOX", Buffer.from(letter), ["\\Seen", "$Label"], new Date("2020-02-01T10:00:00Z"));
found.appended = appended.uid;
const lock = await client.getMailboxLock("INBOX");
try {
  found.exists = client.mailbox.exists;
  found.messages = [];
  for await (const m of client.fetch("1:*", { uid: true, flags: true, envelope: true, bodyStructure: true, internalDate: true, size: true, threadId: true, emailId: true, source: true })) {
    found.messages.push({ uid: m.uid, flags: [...m.flags].sort(), subject: m.envelope.subject, from: m.envelope.from?.[0]?.address, type: m.bodyStructure.type,
      size: m.size, date: m.internalDate.toISOString(), emailId: m.emailId ?? null, source: m.source.toString() });
  }
  const { content } = await client.download(String(appended.uid), undefined, { uid: true, maxBytes: 1 << 20 });
  let octets = 0;
  for await (const chunk of content) octets += chunk.length;
  found.downloaded = octets;
  found.search = await client.search({ subject: "grüße" }, { uid: true });
  await client.messageFlagsAdd({ uid: String(appended.uid) }, ["\\Flagged"], { uid: true });
  found.copied = await client.messageCopy(String(appended.uid), "Projects/Été & co", { uid: true }).then((r) => [...(r.uidMap ?? [])]);
  found.moved = await client.messageMove(String(appended.uid), "Projects/Été & co", { uid: true }).then((r) => [...(r.uidMap ?? [])]);
  found.left = client.mailbox.exists;
  found.quota = await client.getQuota("INBOX");
} finally {
  lock.release();
}
found.status = await client.status("Projects/Été & co", { messages: true, uidNext: true, unseen: true });
await client.logout();
console.log(JSON.stringify(found, (_, value) => (typeof value === "bigint" ? String(value) : value)));
