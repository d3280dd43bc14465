import { nodeApiError } from '../../api/errors';
import type { Connection } from '../../api/context';
import { throwIfStopped } from '../../api/pause';
import { FileProblem } from '../../files/fileProblem';
import type { JobFile } from '../../files/remoteFile';
import { RemoteFile } from '../../files/remoteFile';

/**
 * Downloads one file, as far as `use` reads it.
 *
 * @throws {NodeApiError} that names the file; {NodeOperationError} when the execution was stopped
 */
export async function download<T>(
	connection: Connection,
	file: JobFile,
	use: (remote: RemoteFile) => Promise<T>,
): Promise<T> {
	const remote = new RemoteFile(connection, file);
	const outcome = await use(remote).then(
		(value) => ({ value }),
		(error: unknown) => ({ error }),
	);
	remote.close();
	if ('value' in outcome) return outcome.value;
	throwIfStopped(connection.context);
	const { error } = outcome;
	if (!(error instanceof FileProblem)) throw error;
	throw nodeApiError(connection, {
		message: `File "${file.filename}" of job "${file.jobId}" ${error.message}`,
		description: error.advice,
	});
}
