/** How something that is typed into looks. */
export const field =
  'min-h-8 w-full min-w-0 rounded-lg border border-line bg-surface px-2.5 py-1 text-text placeholder:text-muted disabled:opacity-60 aria-[invalid=true]:border-bad-fill'
