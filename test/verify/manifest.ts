/** The content of a package.json. */
export type Manifest = Record<string, unknown>;

interface Rule {
	holds(manifest: Manifest): boolean;
	/** What the package.json must be. */
	sentence: string;
}

const record = (value: unknown): Record<string, unknown> =>
	typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const isText = (value: unknown): value is string =>
	typeof value === 'string' && value.trim() !== '';
const areFiles = (value: unknown, pattern: RegExp): boolean =>
	Array.isArray(value) && value.length > 0 && value.every((file) => pattern.test(String(file)));

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];

/** What n8n requires of a package that it verifies. */
const RULES: Rule[] = [
	{
		holds: ({ name }) => /^(@[a-z0-9-]+\/)?n8n-nodes-[a-z0-9-]+$/.test(String(name)),
		sentence: 'name must begin with n8n-nodes-.',
	},
	{
		holds: ({ keywords }) =>
			Array.isArray(keywords) && keywords.includes('n8n-community-node-package'),
		sentence: 'keywords must contain n8n-community-node-package, by which n8n finds it.',
	},
	{ holds: ({ license }) => license === 'MIT', sentence: 'license must be MIT.' },
	{
		holds: ({ version }) => /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)),
		sentence: 'version must be a semantic version, such as 1.2.3.',
	},
	{
		holds: ({ description, homepage }) => isText(description) && isText(homepage),
		sentence: 'description and homepage must be filled in.',
	},
	{
		holds: ({ author }) => isText(record(author).name) && isText(record(author).email),
		sentence: 'author must have a name and an email.',
	},
	{
		holds: ({ repository }) => /^(git\+)?https:\/\/\S+/.test(String(record(repository).url)),
		sentence: 'repository.url must be an https address: provenance names it.',
	},
	{
		holds: ({ private: hidden }) => hidden !== true,
		sentence: 'private must not be set, or npm refuses to publish.',
	},
	{
		holds: ({ files }) => JSON.stringify(files) === '["dist"]',
		sentence: 'files must be ["dist"]: users need nothing else.',
	},
	{
		holds: ({ n8n }) =>
			record(n8n).n8nNodesApiVersion === 1 &&
			areFiles(record(n8n).nodes, /^dist\/.+\.node\.js$/) &&
			areFiles(record(n8n).credentials, /^dist\/.+\.credentials\.js$/),
		sentence: 'n8n must contain n8nNodesApiVersion 1, and nodes and credentials in dist/.',
	},
	{
		holds: ({ peerDependencies }) => JSON.stringify(peerDependencies) === '{"n8n-workflow":"*"}',
		sentence: 'peerDependencies must be {"n8n-workflow": "*"}: n8n provides it.',
	},
	{
		holds: (manifest) =>
			['dependencies', 'optionalDependencies', 'bundledDependencies', 'bundleDependencies'].every(
				(field) => Object.keys(record(manifest[field])).length === 0,
			),
		sentence: 'dependencies must be empty: bundle what runs, and list it in devDependencies.',
	},
	{
		holds: (manifest) => !('overrides' in manifest) && !('resolutions' in manifest),
		sentence: 'overrides and resolutions are not allowed.',
	},
	{
		holds: ({ scripts }) => INSTALL_SCRIPTS.every((name) => !(name in record(scripts))),
		sentence: `scripts must not contain any that run at install (${INSTALL_SCRIPTS.join(', ')}).`,
	},
	{
		holds: ({ scripts }) => record(scripts).prepublishOnly === 'npm run verify',
		sentence: 'scripts.prepublishOnly must be "npm run verify": nothing unchecked is published.',
	},
];

/** The sentences of the rules that this package.json breaks. */
export function manifestProblems(manifest: Manifest): string[] {
	return RULES.filter(({ holds }) => !holds(manifest)).map(({ sentence }) => sentence);
}
