// libvips through sharp: resize and its encoders, with their defaults, in one thread. A progressive JPEG stays
// progressive, as with image_core.
// Requests and responses are those of protocol.py.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.cache(false); // every run must do the work again
sharp.concurrency(1);

const memoryKib = (name) => Number(readFileSync("/proc/self/status", "ascii").match(`${name}:\\s+(\\d+)`)[1]);

const encoderOptions = async (data, { format, quality, lossless, palette }) => {
  switch (format) {
    case "JPEG":
      return { quality, progressive: (await sharp(data).metadata()).isProgressive ?? false };
    case "WEBP":
      return { quality, lossless: lossless ?? false };
    case "AVIF":
      return { quality };
    case "PNG":
      return { palette: palette ?? false };
    default:
      return {};
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const { options } = request;
  const data = readFileSync(request.path);
  const encoder = await encoderOptions(data, options);
  globalThis.gc();
  writeFileSync("/proc/self/clear_refs", "5");
  const beforeKib = memoryKib("VmRSS");
  const started = process.cpuUsage();
  const made = await sharp(data, { animated: options.animated ?? false })
    .autoOrient()
    .resize({ width: options.width, height: options.height, fit: "inside", withoutEnlargement: true })
    .keepIccProfile()
    .toFormat(options.format.toLowerCase(), encoder)
    .toBuffer();
  const { user, system } = process.cpuUsage(started);
  const measured = { cpu_ms: (user + system) / 1000, memory_kib: memoryKib("VmHWM") - beforeKib, bytes: made.length };
  if (request.to) writeFileSync(request.to, made);
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
