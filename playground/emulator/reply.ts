import type { Readable } from 'node:stream';

/** A response before it is sent. `length` in bytes, if known. */
export interface Reply {
	status: number;
	headers: Record<string, string>;
	body: Buffer | Readable;
	length?: number;
}

/** A response with these bytes. */
export const bytesReply = (
	status: number,
	body: Buffer,
	type = 'application/octet-stream',
): Reply => ({ status, headers: { 'content-type': type }, body, length: body.length });

const textReply = (status: number, type: string, text: string): Reply =>
	bytesReply(status, Buffer.from(text), type);

export const jsonReply = (status: number, body: unknown): Reply =>
	textReply(status, 'application/json; charset=utf-8', JSON.stringify(body));

/** The page of a gateway in front of the API. */
export const htmlReply = (status: number, title: string): Reply =>
	textReply(
		status,
		'text/html',
		`<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n`,
	);

export const emptyReply = (status: number, headers: Record<string, string> = {}): Reply => ({
	status,
	headers,
	body: Buffer.alloc(0),
	length: 0,
});

/** An error of an S3-like file store. */
export const xmlErrorReply = (status: number, code: string, message: string): Reply =>
	textReply(
		status,
		'application/xml',
		`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>EMULATOR00000000</RequestId></Error>`,
	);
