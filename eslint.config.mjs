import { config } from '@n8n/node-cli/eslint';

export default [
	{ ignores: ['dist', 'playground/node_modules', 'playground/.data'] },
	...config,
	{
		// n8n's scanner ignores inline exceptions, so the code that is shipped has none.
		files: ['nodes/**', 'credentials/**'],
		linterOptions: { noInlineConfig: true },
	},
	{
		// Tests, build and playground run on a developer's machine, not inside n8n.
		files: ['test/**', 'playground/**', '*.js', '*.mjs'],
		rules: {
			'no-console': 'off',
			...Object.fromEntries(
				config
					.flatMap(({ rules }) => Object.keys(rules ?? {}))
					.filter((rule) => rule.startsWith('@n8n/community-nodes/'))
					.map((rule) => [rule, 'off']),
			),
		},
	},
];
