import { normalizeBaseUrl } from '../../../nodes/Userpilot/api/baseUrl';

describe('normalizeBaseUrl', () => {
	it.each([
		['https://appex.userpilot.io', 'https://appex.userpilot.io'],
		['https://appex.userpilot.io/', 'https://appex.userpilot.io'],
		['  https://appex-eu.userpilot.io//  ', 'https://appex-eu.userpilot.io'],
		['https://appex.userpilot.io/api/v1', 'https://appex.userpilot.io'],
		['https://appex.userpilot.io/api/v1/analytics/exports/', 'https://appex.userpilot.io'],
		['https://proxy.example.com/userpilot/api/v1/', 'https://proxy.example.com/userpilot'],
		['https://appex.userpilot.io?x=1#y', 'https://appex.userpilot.io'],
		['https://me:secret@appex.userpilot.io/?x#y', 'https://appex.userpilot.io'],
		['', 'https://appex.userpilot.io'],
		[' ', 'https://appex.userpilot.io'],
		['http://localhost:5680', 'http://localhost:5680'],
		['http://127.0.0.1:5680/', 'http://127.0.0.1:5680'],
		['http://[::1]:5680', 'http://[::1]:5680'],
	])('%s becomes %s', (typed, url) => {
		expect(normalizeBaseUrl(typed)).toEqual({ url });
	});

	it.each([
		['appex.userpilot.io', 'is not a URL that starts with https://'],
		['http://appex.userpilot.io', 'does not start with https://'],
		['http://localhost.example.com', 'does not start with https://'],
		['http://127.0.0.1.example.com', 'does not start with https://'],
		['http://10.0.0.5', 'does not start with https://'],
		['ftp://appex.userpilot.io', 'does not start with https://'],
		['javascript:alert(1)', 'does not start with https://'],
	])('%s is rejected', (typed, problem) => {
		expect(normalizeBaseUrl(typed)).toEqual({ problem: expect.stringContaining(problem) });
	});
});
