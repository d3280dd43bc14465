import packageJson from '../../package.json';
import { manifestProblems } from './manifest';

describe('the rules for the package.json of a verified node', () => {
	it('hold for ours', () => {
		expect(manifestProblems(packageJson)).toEqual([]);
	});

	it.each([
		['name', 'userpilot', 'name'],
		['keywords', ['n8n'], 'keywords'],
		['license', 'ISC', 'license'],
		['version', 'next', 'version'],
		['homepage', '', 'description and homepage'],
		['author', { name: 'Somebody' }, 'author'],
		['repository', {}, 'repository.url'],
		['private', true, 'private'],
		['files', ['dist', 'test'], 'files'],
		['n8n', { ...packageJson.n8n, nodes: ['nodes/Userpilot.node.ts'] }, 'n8n'],
		['peerDependencies', { 'n8n-workflow': '^1.0.0' }, 'peerDependencies'],
		['dependencies', { zod: '3.25.76' }, 'dependencies'],
		['overrides', {}, 'overrides'],
		['scripts', { ...packageJson.scripts, postinstall: 'node x' }, 'scripts must not'],
		['scripts', { ...packageJson.scripts, prepublishOnly: '' }, 'scripts.prepublishOnly'],
	])('refuse %s %j', (field, value, start) => {
		expect(manifestProblems({ ...packageJson, [field]: value })).toEqual([
			expect.stringMatching(new RegExp(`^${start.replaceAll('.', '\\.')}\\b`)),
		]);
	});
});
