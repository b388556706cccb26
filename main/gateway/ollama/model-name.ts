/** What Ollama calls `name:latest`, a model here is called `name`; no model's own name ends so. */
export function modelNamed(name: string): string {
  return name.endsWith(':latest') ? name.slice(0, -':latest'.length) : name
}
