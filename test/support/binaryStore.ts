import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import type { IBinaryData } from 'n8n-workflow';

/** n8n-core's own container of services, which need not be the one beside it. */
const { Container } = jest.requireActual<{
	Container: { get<T>(type: new (...args: never[]) => T): T };
}>(require.resolve('@n8n/di', { paths: [require.resolve('n8n-core')] }));

/** n8n's store of binary data; in memory until it is set up. */
export class BinaryStore {
	private readonly service = Container.get(BinaryDataService);

	/** The folder of the workflows' files. */
	private readonly folder = join(Container.get(BinaryDataConfig).localStoragePath, 'workflows');

	async onDisk() {
		await this.service.init();
	}

	/** Another store, such as one that fails. */
	custom(keep: (content: Readable) => Promise<unknown>) {
		const store = async (_location: unknown, content: Readable) => await keep(content);
		Object.assign(this.service, { mode: 'custom', managers: { custom: { store } } });
	}

	/** A file in the way of its folder: nothing can be stored. */
	makeUnwritable() {
		rmSync(this.folder, { recursive: true, force: true });
		writeFileSync(this.folder, '');
	}

	reset() {
		Object.assign(this.service, { managers: {} });
		rmSync(this.folder, { recursive: true, force: true });
	}

	async content(binary: IBinaryData): Promise<Buffer> {
		return await this.service.getAsBuffer(binary);
	}

	/** The files on disk, without n8n's metadata. */
	get files(): string[] {
		if (!existsSync(this.folder)) return [];
		return readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).filter(
			(name) => !name.endsWith('.metadata') && statSync(join(this.folder, name)).isFile(),
		);
	}
}

/** Sets up a test file: every test begins with a store in memory. */
export function useBinaryStore(): BinaryStore {
	const store = new BinaryStore();
	beforeEach(() => store.reset());
	afterAll(() => store.reset());
	return store;
}
