/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	// Each test file loads n8n's engine anew: a process of its own, ended when it has grown, keeps memory flat.
	maxWorkers: 2,
	workerIdleMemoryLimit: '1GB',
	roots: ['<rootDir>/test'],
	// A busy machine is no failure: what must be fast is measured, not tested.
	testTimeout: 240_000,
	globalSetup: '<rootDir>/test/support/folder.ts',
	globalTeardown: '<rootDir>/test/support/folder-teardown.ts',
	setupFiles: ['<rootDir>/test/support/environment.ts'],
	transform: {
		'\\.ts$': [
			'ts-jest',
			{
				diagnostics: false,
				tsconfig: {
					target: 'ES2022',
					module: 'CommonJS',
					moduleResolution: 'Node10',
					esModuleInterop: true,
					isolatedModules: true,
					resolveJsonModule: true,
				},
			},
		],
	},
	modulePathIgnorePatterns: ['<rootDir>/playground/node_modules', '<rootDir>/playground/.data'],
};
