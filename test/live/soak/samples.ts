import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

const EVERY_MS = 5_000;
const KILOBYTE = 1024;

/** What the system says of n8n's process, and what has been done by then. */
export interface Sample {
	/** Unix time in ms. */
	at: number;
	residentBytes: number;
	descriptors: number;
	sockets: number;
	threads: number;
	/** Jobs that have fired, and exports that have come to their end, so far. */
	done: number;
}

/** What n8n's process says of itself after a forced collection of garbage. Sizes in bytes. */
export interface Reading {
	at: number;
	heapUsed: number;
	external: number;
	arrayBuffers: number;
	/** How many of each kind keep the process busy, such as `TCPSocketWrap` or `Timeout`. */
	handles: Record<string, number>;
}

/** Takes samples until the function that it gives is called. */
export function takeSamples(pid: number, done: () => number, samples: Sample[]): () => void {
	const timer = setInterval(() => samples.push(sampleOf(pid, done())), EVERY_MS);
	return () => clearInterval(timer);
}

export function sampleOf(pid: number, done: number): Sample {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const figure = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
	const targets = readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
		try {
			return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
		} catch {
			// It has been closed meanwhile.
			return '';
		}
	});
	return {
		at: Date.now(),
		residentBytes: figure('VmRSS') * KILOBYTE,
		descriptors: targets.length,
		sockets: targets.filter((target) => target.startsWith('socket:')).length,
		threads: figure('Threads'),
		done,
	};
}

export function readingsOf(meterFile: string): Reading[] {
	if (!existsSync(meterFile)) return [];
	const lines = readFileSync(meterFile, 'utf8').trimEnd().split('\n');
	return lines.map((line) => JSON.parse(line) as Reading);
}
