import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its kernel does. */
const TICKS_PER_SECOND = 100;
const PID = /^\d+$/;

interface Times {
	parent: number;
	seconds: number;
}

/** Processor time of each of these processes, with the running ones that it has started. */
export function processorSeconds<Name extends string>(
	pids: Record<Name, number[]>,
): Record<Name, number> {
	const all = new Map(
		readdirSync('/proc')
			.filter((name) => PID.test(name))
			.flatMap((name) => {
				const times = timesOf(name);
				return times ? [[Number(name), times] as const] : [];
			}),
	);
	const descends = (pid: number, from: number[]): boolean => {
		const times = all.get(pid);
		return from.includes(pid) || (times !== undefined && descends(times.parent, from));
	};
	const sumOf = (from: number[]) =>
		[...all].reduce((sum, [pid, { seconds }]) => sum + (descends(pid, from) ? seconds : 0), 0);
	return Object.fromEntries(
		Object.entries<number[]>(pids).map(([name, from]) => [name, sumOf(from)]),
	) as Record<Name, number>;
}

/** `man 5 proc_pid_stat`: the command stands in parentheses and may hold anything. */
function timesOf(pid: string): Times | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
		return { parent: parent!, seconds: (user! + system!) / TICKS_PER_SECOND };
	} catch {
		// It has ended meanwhile.
		return undefined;
	}
}
