import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 20;
const KILOBYTE = 1024;

/** Watches the resident memory of a process; the function that it gives says how much it grew at its peak, in bytes. */
export function watchResidentMemory(pid: number): () => number {
	const before = residentBytes(pid);
	let peak = before;
	const look = () => {
		peak = Math.max(peak, residentBytes(pid));
	};
	const timer = setInterval(look, LOOK_EVERY_MS);
	return () => {
		clearInterval(timer);
		look();
		return peak - before;
	};
}

function residentBytes(pid: number): number {
	return Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(pid))?.[1]) * KILOBYTE;
}

/** Linux says it in a file; elsewhere `ps` does, more slowly. */
function statusOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/status`, 'utf8');
	} catch {
		return `VmRSS: ${execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })}`;
	}
}
