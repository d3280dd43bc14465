/**
 * An error that the user can fix. Only its message is printed: what failed and what to do. Any other
 * error is a bug in this project.
 */
export class Failure extends Error {
	override name = 'Failure';
}
