import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** Another host: redirects lead there. It also plays an API that says back all that it was sent. */
export class Elsewhere {
	/** What came, but for the calls that the API of `echoUrl` got. */
	readonly requests: Array<{ path: string; authorization: string | undefined }> = [];

	private readonly server = createServer((request, response) => {
		const { url = '', headers } = request;
		if (url.startsWith('/echo')) {
			response.writeHead(/jobs\/$/.test(url) ? 400 : 200);
			return void response.end(echo(request));
		}
		this.requests.push({ path: url.split('?')[0]!, authorization: headers.authorization });
		response.end(gzipSync('{"event":"elsewhere"}\n'));
	});

	static async open(): Promise<Elsewhere> {
		const elsewhere = new Elsewhere();
		await new Promise<void>((resolve) => elsewhere.server.listen(0, '127.0.0.1', resolve));
		return elsewhere;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	close(): void {
		this.server.closeAllConnections();
		this.server.close();
	}
}

const echo = ({ headers, url }: IncomingMessage) =>
	JSON.stringify({ errors: [{ message: `Unknown request ${url} ${JSON.stringify(headers)}` }] });
