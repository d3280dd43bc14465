/** The host of the export API. Userpilot gives some customers their own. */
export const DEFAULT_BASE_URL = 'https://appex.userpilot.io';

/** The Environment page of a Userpilot account shows the host of this API, which has no exports. */
export const REAL_TIME_API_MESSAGE = `This is Userpilot's real-time API. The export API is at ${DEFAULT_BASE_URL}`;

const LOOPBACK_HOST = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** With or without a scheme: the Environment page may show it without. */
const isRealTimeApi = (address: string) =>
	/^analytex/i.test(address.replace(/^https?:\/\//i, '').replace(/^[^/?#\\]*@/, ''));

/**
 * The URL that every request starts with, or the problem with it, as a sentence. Dropped are a trailing
 * slash, a pasted `/api/v1...`, a user name and password, a query and a fragment.
 *
 * @param typed what a person entered
 */
export function normalizeBaseUrl(typed: string): { url: string } | { problem: string } {
	const trimmed = typed.trim() || DEFAULT_BASE_URL;
	if (isRealTimeApi(trimmed)) return { problem: REAL_TIME_API_MESSAGE };
	if (!URL.canParse(trimmed)) {
		// The text is not shown: it may be the key, pasted into the wrong field.
		return { problem: "'Base URL' is not a URL that starts with https://" };
	}
	const { protocol, hostname, host, origin, pathname } = new URL(trimmed);
	if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK_HOST.test(hostname))) {
		return {
			problem: `'Base URL' (${protocol}//${host}) does not start with https://, so the API key would be sent unencrypted`,
		};
	}
	return { url: origin + pathname.replace(/\/api\/v1(\/.*)?$/i, '').replace(/\/+$/, '') };
}
