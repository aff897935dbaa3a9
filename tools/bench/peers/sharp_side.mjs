// libvips through sharp: resize and its encoders, with their defaults and the same quality, in one thread. A
// progressive JPEG stays progressive, as with image_core.
// Requests and responses are those of protocol.py.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.cache(false); // every run must do the work again
sharp.concurrency(1);

const memoryKib = (name) => Number(readFileSync("/proc/self/status", "ascii").match(`${name}:\\s+(\\d+)`)[1]);

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const data = readFileSync(request.path);
  const progressive = request.format === "JPEG" && ((await sharp(data).metadata()).isProgressive ?? false);
  globalThis.gc();
  writeFileSync("/proc/self/clear_refs", "5");
  const beforeKib = memoryKib("VmRSS");
  const started = process.cpuUsage();
  const made = await sharp(data)
    .autoOrient()
    .resize({ width: request.width, height: request.height, fit: "inside", withoutEnlargement: true })
    .keepIccProfile()
    .toFormat(request.format.toLowerCase(), { quality: request.quality, ...(progressive && { progressive }) })
    .toBuffer();
  const { user, system } = process.cpuUsage(started);
  const measured = { cpu_ms: (user + system) / 1000, memory_kib: memoryKib("VmHWM") - beforeKib, bytes: made.length };
  if (request.to) writeFileSync(request.to, made);
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
