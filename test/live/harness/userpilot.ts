import {
	createEmulator,
	type Emulator,
	type EmulatorOptions,
} from '../../../playground/emulator/server.ts';
import type { N8nClient } from '../../../playground/rest.ts';

export const API_KEY = 'live-key';

export interface Userpilot {
	emulator: Emulator;
	credentialId: string;
}

/** Starts a Userpilot (the emulator) and saves its credential in n8n. */
export async function startUserpilot(
	{ client }: { client: N8nClient },
	name: string,
	{ apiKeys = [API_KEY], ...options }: EmulatorOptions = {},
): Promise<Userpilot> {
	const emulator = await createEmulator({ apiKeys, ...options });
	const { id } = await client.saveCredential(`Userpilot ${name}`, 'userpilotApi', {
		apiKey: apiKeys[0],
		baseUrl: emulator.apiUrl,
	});
	return { emulator, credentialId: id };
}

/** The requests for an operation that it has received. */
export const requestsFor = ({ control }: Emulator, operation: string) =>
	control.ledger().requests.filter((request) => request.operation === operation);
