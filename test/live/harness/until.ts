import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds; gives false when it does not within that time. */
export async function until(
	condition: () => boolean | Promise<boolean>,
	timeoutMs: number,
	everyMs = 100,
): Promise<boolean> {
	const deadline = Date.now() + timeoutMs;
	while (!(await condition())) {
		if (Date.now() > deadline) return false;
		await sleep(everyMs);
	}
	return true;
}
