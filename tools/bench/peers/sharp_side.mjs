// libvips through sharp: resize and its encoders, with their defaults and the same quality, in one thread. A
// progressive JPEG stays progressive, as with image_core.
// The same lines in and out as answering.py.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.cache(false); // the same work each time, not a remembered result
sharp.concurrency(1);

const memoryKib = (name) => Number(readFileSync("/proc/self/status", "ascii").match(`${name}:\\s+(\\d+)`)[1]);

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const data = readFileSync(order.path);
  const progressive = order.format === "JPEG" && ((await sharp(data).metadata()).isProgressive ?? false);
  globalThis.gc();
  writeFileSync("/proc/self/clear_refs", "5");
  const beforeKib = memoryKib("VmRSS");
  const started = process.cpuUsage();
  const made = await sharp(data)
    .autoOrient()
    .resize({ width: order.width, height: order.height, fit: "inside", withoutEnlargement: true })
    .keepIccProfile()
    .toFormat(order.format.toLowerCase(), { quality: order.quality, ...(progressive && { progressive }) })
    .toBuffer();
  const { user, system } = process.cpuUsage(started);
  const measured = { cpu_ms: (user + system) / 1000, memory_kib: memoryKib("VmHWM") - beforeKib, bytes: made.length };
  if (order.to) writeFileSync(order.to, made);
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
