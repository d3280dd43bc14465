import { createServer } from 'node:net';

import { freePort, LOOPBACK } from '../../playground/ports';

/** Where Linux begins to take ports for connections that go out; macOS and Windows begin later. */
const FIRST_OF_CONNECTIONS = 32_768;

describe('freePort', () => {
	it('gives ports that no connection can take before a server listens, each once', async () => {
		const ports = await Promise.all(Array.from({ length: 200 }, async () => await freePort()));
		expect(Math.max(...ports)).toBeLessThan(FIRST_OF_CONNECTIONS);
		expect(new Set(ports).size).toBe(ports.length);
	});

	it('gives the preferred one if it is free, else another', async () => {
		const preferred = await freePort();
		expect(await freePort(preferred)).toBe(preferred);
		const server = createServer().listen(preferred, LOOPBACK);
		await new Promise((resolve) => server.once('listening', resolve));
		expect(await freePort(preferred)).not.toBe(preferred);
		await new Promise((resolve) => server.close(resolve));
	});
});
