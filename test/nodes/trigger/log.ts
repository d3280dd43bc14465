import { PollContext } from 'n8n-core';

/** What a test's triggers write to n8n's log as warnings. */
export function logged(): { warnings: string[] } {
	const log = { warnings: [] as string[] };
	const logger = { warn: (message: string) => log.warnings.push(message) };
	beforeEach(() => {
		log.warnings = [];
		jest.spyOn(PollContext.prototype, 'logger', 'get').mockReturnValue(logger as never);
	});
	afterEach(() => jest.restoreAllMocks());
	return log;
}
