import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Whether a server could listen on this port of the loopback interface now. */
export async function portIsFree(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
			server.close(() => resolve(true));
		});
	});
}

/** Servers of people's own are mostly below; connections that go out have ports from 32768 on. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 1_000;

/** Those that this process has been given: their servers may not listen yet. */
const given = new Set<number>();

/**
 * A port that is free now: the preferred one if it is, else one that no connection can take before a
 * server listens on it.
 */
export async function freePort(preferred?: number): Promise<number> {
	if (preferred !== undefined && (await portIsFree(preferred))) return preferred;
	for (let attempt = 0; attempt < TRIES; attempt++) {
		const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
		if (given.has(port)) continue;
		given.add(port);
		if (await portIsFree(port)) return port;
	}
	throw new Error('The system has no free port on 127.0.0.1');
}
