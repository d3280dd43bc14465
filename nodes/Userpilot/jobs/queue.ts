import { pause } from '../api/connection';
import type { ApiContext } from '../api/connection';

const CHECK_INTERVAL_MS = 250;

/** Runs the tasks of this process one at a time, in the order they came. */
export class Queue {
	private readonly places: object[] = [];

	/**
	 * @param onWait called at each check while others are ahead; an error of it ends the wait
	 * @throws {NodeOperationError} when the execution was stopped, and whatever `task` throws
	 */
	async run<T>(
		context: ApiContext,
		task: () => Promise<T>,
		onWait: () => void = () => {},
	): Promise<T> {
		const place = {};
		this.places.push(place);
		try {
			while (this.places[0] !== place) {
				onWait();
				await pause(context, CHECK_INTERVAL_MS);
			}
			return await task();
		} finally {
			this.places.splice(this.places.indexOf(place), 1);
		}
	}
}
