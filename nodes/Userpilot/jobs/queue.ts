import type { ApiContext } from '../api/connection';
import { pause } from '../api/connection';

/** How often a run checks whether its turn has come. */
const CHECK_INTERVAL_MS = 250;

/** Lets runs of this process go one at a time: first come, first served. */
export class Queue {
	private readonly places: object[] = [];

	/**
	 * @param onWait called at each check while others are ahead; what it throws ends the wait
	 * @throws {NodeOperationError} when the execution was stopped, and whatever `run` throws
	 */
	async inTurn<T>(
		context: ApiContext,
		run: () => Promise<T>,
		onWait: () => void = () => {},
	): Promise<T> {
		const place = {};
		this.places.push(place);
		try {
			while (this.places[0] !== place) {
				onWait();
				await pause(context, CHECK_INTERVAL_MS);
			}
			return await run();
		} finally {
			this.places.splice(this.places.indexOf(place), 1);
		}
	}
}
