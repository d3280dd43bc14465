/** What is wrong with a file; the message follows its name, as in `… is a Parquet file`. */
export class FileProblem extends Error {
	/** What a person can do. */
	readonly advice: string;

	constructor(message: string, advice: string) {
		super(message);
		this.advice = advice;
	}
}
