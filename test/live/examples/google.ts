import { generateKeyPairSync } from 'node:crypto';

import type { Instance } from '../harness/n8n.ts';

/** The credential of a service account, for the stand-in; gives its id. */
export async function saveGoogle({ client }: Instance): Promise<string> {
	const { privateKey } = generateKeyPairSync('rsa', {
		modulusLength: 2048,
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	const { id } = await client.saveCredential('Google', 'googleApi', {
		email: 'test@project.iam.gserviceaccount.com',
		privateKey,
	});
	return id;
}

/** What a person enters in the node `Your Google Sheet`. */
export const yourSheet = (document: string, tab: string) => ({
	'Your Google Sheet': {
		assignments: {
			assignments: Object.entries({ document, tab }).map(([name, value]) => ({
				id: name,
				name,
				type: 'string',
				value,
			})),
		},
	},
});
