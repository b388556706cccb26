import { steps } from './steps.ts'

/** How far one is; each mark leads to its step. */
export function StepMarks({ current }: { readonly current: number }) {
  return (
    <nav aria-label="Steps" className="min-w-0">
      <ol className="flex items-center gap-1 sm:gap-2">
        {steps.map(({ id, name }, i) => (
          <li key={id}>
            <a
              href={`#/welcome?step=${id}`}
              aria-current={i === current ? 'step' : undefined}
              className="flex items-center gap-2 rounded-full p-1 text-muted hover:text-text aria-[current]:text-text sm:pr-3"
            >
              <span
                aria-hidden="true"
                className={`figures grid size-6 shrink-0 place-items-center rounded-full text-xs ${i <= current ? 'bg-accent-fill text-white' : 'bg-line text-text'}`}
              >
                {i + 1}
              </span>
              <span className={i === current ? 'max-sm:pr-1' : 'max-sm:sr-only'}>{name}</span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  )
}
