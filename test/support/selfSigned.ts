import { generateKeyPairSync, sign } from 'node:crypto';

/** One DER value (X.690): its tag, its length and its content. */
function der(tag: number, ...content: Buffer[]): Buffer {
	const bytes = Buffer.concat(content);
	const length =
		bytes.length < 128 ? [bytes.length] : [0x82, bytes.length >> 8, bytes.length & 255];
	return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
}

const sequence = (...content: Buffer[]) => der(0x30, ...content);
const integer = (value: number) => der(0x02, Buffer.from([value]));
const time = (text: string) => der(0x17, Buffer.from(text));

const ECDSA_WITH_SHA256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
const COMMON_NAME = der(0x06, Buffer.from('550403', 'hex'));

/**
 * A key and a self-signed certificate for 127.0.0.1, new each time, so that the repository holds no key.
 */
export function selfSigned(): { key: string; cert: string } {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('127.0.0.1')))));
	const content = sequence(
		der(0xa0, integer(2)),
		integer(1),
		ECDSA_WITH_SHA256,
		name,
		sequence(time('200101000000Z'), time('491231235959Z')),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
	);
	const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
	const bytes = sequence(content, ECDSA_WITH_SHA256, signature).toString('base64');
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: `-----BEGIN CERTIFICATE-----\n${bytes.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
	};
}
