import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Whether a server could listen on this port of the loopback interface now. */
export async function portIsFree(port: number): Promise<boolean> {
	return (await listenOnce(port)) !== undefined;
}

/** A port that is free now: the preferred one if it is, else one that the system chooses. */
export async function freePort(preferred: number): Promise<number> {
	const port = (await listenOnce(preferred)) ?? (await listenOnce(0));
	if (port === undefined) throw new Error('The system has no free port on 127.0.0.1');
	return port;
}

async function listenOnce(port: number): Promise<number | undefined> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(undefined));
		server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
			const address = server.address();
			const taken = typeof address === 'object' && address !== null ? address.port : undefined;
			server.close(() => resolve(taken));
		});
	});
}
