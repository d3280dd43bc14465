import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const CHECK_EVERY_MS = 20;
const KILOBYTE = 1024;

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
