import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const CHECK_EVERY_MS = 20;
const CHECK_ALL_EVERY_MS = 100;
const KILOBYTE = 1024;
const SAMPLES_PER_LISTING = 10;

/** Watches the resident memory of a process; the returned function ends that and gives its growth at the peak, in bytes. */
export function watchResidentMemory(pid: number): () => number {
	const before = residentBytes(pid);
	let peak = before;
	const sample = () => {
		peak = Math.max(peak, residentBytes(pid));
	};
	const timer = setInterval(sample, CHECK_EVERY_MS);
	return () => {
		clearInterval(timer);
		sample();
		return peak - before;
	};
}

/**
 * Watches a process together with those that it has started; the returned function ends that and gives
 * their memory, in bytes: the resident memory of the process, and what the others do not share, as a
 * container counts it. Linux only.
 */
export function watchMemoryOfAll(pid: number): () => { before: number; peak: number } {
	let pids = withChildren(pid);
	const total = () =>
		pids.slice(1).reduce((sum, child) => sum + privateBytes(child), bytesIfRunning(pid));
	const before = total();
	let peak = before;
	let samples = 0;
	const sample = () => {
		if (++samples % SAMPLES_PER_LISTING === 0) pids = withChildren(pid);
		peak = Math.max(peak, total());
	};
	const timer = setInterval(sample, CHECK_ALL_EVERY_MS);
	return () => {
		clearInterval(timer);
		sample();
		return { before, peak };
	};
}

function withChildren(pid: number): number[] {
	const children = orElse([], () => readdirSync(`/proc/${pid}/task`)).flatMap((thread) =>
		orElse('', () => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')).split(' '),
	);
	return [pid, ...children.filter(Boolean).flatMap((child) => withChildren(Number(child)))];
}

const bytesIfRunning = (pid: number): number => orElse(0, () => residentBytes(pid) || 0);

function privateBytes(pid: number): number {
	const memory = orElse('', () => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
	const kilobytes = [...memory.matchAll(/^Private_\w+:\s+(\d+)/gm)].map(([, value]) =>
		Number(value),
	);
	return kilobytes.reduce((sum, value) => sum + value, 0) * KILOBYTE;
}

/** Processes and threads can end at any time. */
function orElse<T>(fallback: T, read: () => T): T {
	try {
		return read();
	} catch {
		return fallback;
	}
}

function residentBytes(pid: number): number {
	return Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(pid))?.[1]) * KILOBYTE;
}

/** Linux has it in a file; elsewhere `ps` gives it, more slowly. */
function statusOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/status`, 'utf8');
	} catch {
		return `VmRSS: ${execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })}`;
	}
}
