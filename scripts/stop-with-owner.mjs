/**
 * A shell script that runs its arguments as a program and ends it when standard input ends, because the owner has died,
 * also by SIGKILL. `exec` keeps the process id, so `$$` is the program. (`main/process/guard.ts` does the same for the
 * app; it cannot be imported here, because set-up runs on whatever Node.js the machine has.)
 * @param {'kill -s TERM $$' | 'kill -s KILL -- -$$'} ending the program, or the process group that it leads
 */
export const stopWithOwner = ending => `
exec 3<&0
( trap '' HUP INT TERM; cat >/dev/null; ${ending} ) <&3 >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`
