const LOOPBACK_HOST = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The address that every call starts with, from what a person typed into Base URL; or what is wrong
 * with it, as a sentence. A trailing slash and a pasted `/api/v1...` are dropped; so are
 * a user's name and password, a query and a fragment.
 */
export function normalizeBaseUrl(typed: string): { url: string } | { problem: string } {
	const trimmed = typed.trim();
	if (trimmed === '') return { problem: 'The Base URL is empty' };
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
