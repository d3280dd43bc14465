import { createServer } from 'node:net';

import { freePort, LOOPBACK } from '../../playground/ports';

/** Linux uses ports from here on for outgoing connections; macOS and Windows start higher. */
const FIRST_OUTGOING_PORT = 32_768;

describe('freePort', () => {
	it('returns ports that no connection can take before a server listens, each once', async () => {
		const ports = await Promise.all(Array.from({ length: 200 }, async () => await freePort()));
		expect(Math.max(...ports)).toBeLessThan(FIRST_OUTGOING_PORT);
		expect(new Set(ports).size).toBe(ports.length);
	});

	it('returns the preferred port if it is free, else another', async () => {
		const preferred = await freePort();
		expect(await freePort(preferred)).toBe(preferred);
		const server = createServer().listen(preferred, LOOPBACK);
		await new Promise((resolve) => server.once('listening', resolve));
		expect(await freePort(preferred)).not.toBe(preferred);
		await new Promise((resolve) => server.close(resolve));
	});
});
