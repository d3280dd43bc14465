/** The host of the export API, unless Userpilot has given a customer one of their own. */
export const DEFAULT_BASE_URL = 'https://appex.userpilot.io';

/** The Environment page of a Userpilot account shows the host of another API, which knows no exports. */
export const REAL_TIME_API_MESSAGE = `This is Userpilot's real-time API. The export API is at ${DEFAULT_BASE_URL}`;

const LOOPBACK_HOST = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Also without a scheme, as the Environment page may show it. */
const isRealTimeApi = (address: string) =>
	/^analytex/i.test(address.replace(/^https?:\/\//i, '').replace(/^[^/?#\\]*@/, ''));

/**
 * The address that every request starts with, from what a person typed into Base URL; or what is wrong
 * with it, as a sentence. A trailing slash and a pasted `/api/v1...` are dropped; so are
 * a user's name and password, a query and a fragment.
 */
export function normalizeBaseUrl(typed: string): { url: string } | { problem: string } {
	const trimmed = typed.trim() || DEFAULT_BASE_URL;
	if (isRealTimeApi(trimmed)) return { problem: REAL_TIME_API_MESSAGE };
	if (!URL.canParse(trimmed)) {
		// Not shown, for it may be the key, pasted into the wrong field.
		return { problem: 'The Base URL is not a web address that starts with https://' };
	}
	const { protocol, hostname, host, origin, pathname } = new URL(trimmed);
	if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK_HOST.test(hostname))) {
		return {
			problem: `The Base URL "${protocol}//${host}" does not start with https://, so the API key would travel unencrypted`,
		};
	}
	return { url: origin + pathname.replace(/\/api\/v1(\/.*)?$/i, '').replace(/\/+$/, '') };
}
