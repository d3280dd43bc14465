// Loaded into n8n's own process by NODE_OPTIONS: says now and then what is left after a forced
// collection of garbage, and what keeps the process busy. The other processes of n8n do without it.
const { appendFileSync } = require('node:fs');
const path = require('node:path');

const EVERY_MS = 15_000;
const file = process.env.SOAK_METER;

function measure() {
	global.gc();
	const { heapUsed, external, arrayBuffers } = process.memoryUsage();
	const handles = {};
	for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
	const line = { at: Date.now(), heapUsed, external, arrayBuffers, handles };
	appendFileSync(file, `${JSON.stringify(line)}\n`);
}

if (file && global.gc && path.basename(process.argv[1] ?? '') === 'n8n') {
	setInterval(measure, EVERY_MS).unref();
}
