import { createServer } from 'node:https';
import { createServer as createNetServer, type AddressInfo, type Server } from 'node:net';

import { selfSigned } from '../support/selfSigned';

/** Addresses that never respond. */
export interface Places {
	/** Nothing listens there. */
	refused: string;
	/** No DNS server knows it (RFC 6761). */
	unknown: string;
	/** Its certificate is not trusted. */
	untrusted: string;
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

/** Opens these addresses for a test file. */
export function usePlaces(): Places {
	const places: Places = { refused: '', unknown: 'https://userpilot.invalid', untrusted: '' };
	const untrusted = createServer(selfSigned(), (_, response) => response.end());
	beforeAll(async () => {
		places.untrusted = `https://127.0.0.1:${await listen(untrusted)}`;
		const closed = createNetServer();
		places.refused = `http://127.0.0.1:${await listen(closed)}`;
		await new Promise((resolve) => closed.close(resolve));
	});
	afterAll(() => untrusted.close());
	return places;
}
