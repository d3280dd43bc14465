import { config } from '@n8n/node-cli/eslint';

export default [
	{ ignores: ['dist', 'playground/node_modules', 'playground/.data'] },
	...config,
	{
		// What n8n ships is linted the way n8n's own scanner lints it: nothing can be switched off inline.
		files: ['nodes/**', 'credentials/**'],
		linterOptions: { noInlineConfig: true },
	},
	{
		// The tests, the build and the playground run on a developer's machine, not inside n8n.
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
