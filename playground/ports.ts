import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Whether a server can listen on this loopback port now. */
export async function portIsFree(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
			server.close(() => resolve(true));
		});
	});
}

/** Most servers listen below this range; outgoing connections use ports from 32768. */
const MIN_PORT = 20_000;
const MAX_PORT = 32_000;
const MAX_ATTEMPTS = 1_000;

/** Ports returned before: their servers may not be listening yet. */
const reserved = new Set<number>();

/**
 * A port that is free now: the preferred one if possible, else one that no outgoing connection can
 * take before a server listens on it.
 */
export async function freePort(preferred?: number): Promise<number> {
	if (preferred !== undefined && (await portIsFree(preferred))) return preferred;
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const port = MIN_PORT + Math.floor(Math.random() * (MAX_PORT - MIN_PORT));
		if (reserved.has(port)) continue;
		reserved.add(port);
		if (await portIsFree(port)) return port;
	}
	throw new Error('No free port on 127.0.0.1');
}
