export interface BannerFacts {
  readonly version: string
  readonly url: string
  /** Null: there is none. */
  readonly dashboard: string | null
  /** Where other machines find it; null: they do not. */
  readonly others: string | null
  /** The model that the example asks; null when there is none on this machine. */
  readonly modelId: string | null
}

/** What `serve` prints when the endpoint answers. */
export function makeBanner({ version, url, dashboard, others, modelId }: BannerFacts): string {
  return [
    `MLX Mesh ${version} is running. Ctrl-C stops it.`,
    '',
    `  Endpoint   ${url}/v1   (the base URL for OpenAI clients; any API key will do)`,
    ...(dashboard === null ? [] : [`  Dashboard  ${dashboard}`]),
    ...(others === null ? [] : [`  For others ${others}`]),
    '',
    ...example(url, modelId),
    '',
    '',
  ].join('\n')
}

function example(url: string, modelId: string | null): string[] {
  if (modelId === null)
    return ['There is no model on this machine yet; "mlx-mesh doctor" says how to get one.']
  const body = JSON.stringify({
    model: modelId,
    stream: true,
    messages: [{ role: 'user', content: 'Hello! Who are you?' }],
  })
  const command = `curl -N ${url}/v1/chat/completions -H 'content-type: application/json' -d ${quote(body)}`
  return ['Try it in another terminal:', '', `  ${command}`]
}

/** A word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
