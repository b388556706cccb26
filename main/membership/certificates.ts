// What one Mac shows another: a certificate for its own key, issued with a key that every member can derive from the
// mesh's secret. Knows nothing of files or servers.
import 'reflect-metadata' // asked for by @peculiar/x509
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  type webcrypto,
} from 'node:crypto'
import * as x509 from '@peculiar/x509'

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signing = { ...curve, hash: 'SHA-256' } as const
/** Order of the group of P-256 (SEC 2, 2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
/** Clocks of Macs that were asleep may be wrong; nothing here expires while a mesh lives. */
const notBefore = new Date('2020-01-01T00:00:00Z')
const notAfter = new Date('2120-01-01T00:00:00Z')

/** The authority's certificate, in PEM: the same name and key on every member. `secret`: 256 bits, base64url. */
export function issueAuthority(secret: string): Promise<string> {
  return vouchForAuthority(secret, secret)
}

/** The authority of one secret, vouched for by that of another: who knows only the other one still believes the first. */
export async function vouchForAuthority(secret: string, otherSecret: string): Promise<string> {
  const keys = asPair(authorityKey(secret))
  const other = asPair(authorityKey(otherSecret))
  const certificate = await x509.X509CertificateGenerator.create({
    subject: authorityName(secret),
    issuer: authorityName(otherSecret),
    publicKey: keys.publicKey,
    signingKey: other.privateKey,
    notBefore,
    notAfter,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(other.publicKey),
    ],
  })
  return certificate.toString('pem')
}

/**
 * A certificate for this Mac's key. Its only name is `localhost`, which nats-server expects of a route that it knows by
 * address: a Mac whose address changes keeps its certificate.
 */
export async function issueCertificate(secret: string, keyPem: string): Promise<string> {
  const authority = asPair(authorityKey(secret))
  const own = asPair(createPrivateKey(keyPem))
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=mlx-mesh peer',
    issuer: authorityName(secret),
    publicKey: own.publicKey,
    signingKey: authority.privateKey,
    notBefore,
    notAfter,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  })
  return certificate.toString('pem')
}

interface Period {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** A certificate for the HTTP door of this Mac, under all its names. It says nothing of who is a member: that goes by key. */
export async function issueDoorCertificate(
  secret: string,
  keyPem: string,
  { hosts, addresses }: { readonly hosts: readonly string[]; readonly addresses: readonly string[] },
  period: Period,
): Promise<string> {
  const authority = asPair(authorityKey(secret))
  const own = asPair(createPrivateKey(keyPem))
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=mlx-mesh door',
    issuer: authorityName(secret),
    publicKey: own.publicKey,
    signingKey: authority.privateKey,
    ...period,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...hosts.map(value => ({ type: 'dns' as const, value })),
        ...addresses.map(value => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  })
  return certificate.toString('pem')
}

/** Authorities of one mesh, before and after its secret was changed, must not be taken for each other. */
function authorityName(secret: string): string {
  return `CN=mlx-mesh ${derive(secret, 'authority name', 8).toString('hex')}`
}

function authorityKey(secret: string): KeyObject {
  // 384 bits, so that the remainder is as good as evenly spread (FIPS 186-5, A.2.1).
  const wide = BigInt(`0x${derive(secret, 'authority key', 48).toString('hex')}`)
  const scalar = Buffer.from(((wide % (order - 1n)) + 1n).toString(16).padStart(64, '0'), 'hex')
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(scalar)
  const point = ecdh.getPublicKey()
  const text = (part: Buffer) => part.toString('base64url')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: text(point.subarray(1, 33)),
    y: text(point.subarray(33)),
    d: text(scalar),
  }
  return createPrivateKey({ format: 'jwk', key: jwk })
}

function asPair(key: KeyObject): webcrypto.CryptoKeyPair {
  return {
    privateKey: key.toCryptoKey(curve, false, ['sign']),
    publicKey: createPublicKey(key).toCryptoKey(curve, true, ['verify']),
  }
}

function derive(secret: string, purpose: string, bytes: number): Buffer {
  const key = Buffer.from(secret, 'base64url')
  return Buffer.from(hkdfSync('sha256', key, '', `mlx-mesh ${purpose}`, bytes))
}
