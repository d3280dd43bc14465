import type { Control, Seed } from './control.ts';
import type { Fault } from './faults.ts';
import type { FinalStatus } from './jobs.ts';
import { emptyReply, jsonReply, type Reply } from './reply.ts';
import type { SettingsPatch } from './settings.ts';

export const CONTROL_PREFIX = '/__emulator/';

type Handler = (control: Control, body: unknown, jobId: string) => unknown;

const HANDLERS: Record<string, Handler> = {
	'GET settings': (control) => control.settings(),
	'PATCH settings': (control, body) => control.set(body as SettingsPatch),
	'GET faults': (control) => control.faults(),
	'PUT faults': (control, body) => control.setFaults(body as Fault[]),
	'GET ledger': (control) => control.ledger(),
	'DELETE ledger': (control) => control.clearRequests(),
	'GET clock': (control) => ({ now: new Date(control.now()).toISOString() }),
	'POST clock': (control, body) => {
		const { advanceSeconds } = body as { advanceSeconds: number };
		return { now: new Date(control.advance(advanceSeconds * 1000)).toISOString() };
	},
	'POST jobs': (control, body) => ({ jobIds: control.seedJobs((body ?? {}) as Seed) }),
	'POST jobs/:id': (control, body, jobId) =>
		control.finishJob(jobId, (body as { status?: FinalStatus } | undefined)?.status),
	'POST reset': (control) => control.reset(),
};

/** The response to a request under `/__emulator/`: JSON; 400 with `{error}` for invalid input, 404 for an unknown path. */
export function controlReply(control: Control, method: string, path: string, body: string): Reply {
	const rest = path.slice(CONTROL_PREFIX.length);
	const jobId = /^jobs\/([^/]+)$/.exec(rest)?.[1] ?? '';
	const handler = HANDLERS[`${method} ${jobId ? 'jobs/:id' : rest}`];
	if (!handler) return jsonReply(404, { error: `No control ${method} ${path}` });
	try {
		const result = handler(control, body === '' ? undefined : JSON.parse(body), jobId);
		return result === undefined ? emptyReply(204) : jsonReply(200, result);
	} catch (error) {
		return jsonReply(400, { error: (error as Error).message });
	}
}
