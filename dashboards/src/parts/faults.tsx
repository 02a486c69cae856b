import { Problem } from '../call.ts';
import { faultWords } from '../fault-words.ts';

/** What is named at once: it stands beside the button, and must not hide what it is about. */
const mostNamed = 4;

/** Why something was not taken, and the fields that the server names. `refused`: what did not come about. */
export const Faults = ({ error, refused = 'Not saved' }: { error: Error | null; refused?: string }) => {
  if (error === null) return null;
  const errors = error instanceof Problem ? error.errors : [];
  return (
    <div role="alert" className="break" style={{ color: 'var(--bad)' }}>
      {errors.length === 0 ? error.message : `${refused}. What is wrong:`}
      {error instanceof Problem && error.status === 412 && ' Discard your changes to see the newest version.'}
      {errors.length > 0 && (
        <ul className="small">
          {errors.slice(0, mostNamed).map(({ path, message }) => (
            <li key={path + message}>
              <code>{path}</code> {faultWords(message)}
            </li>
          ))}
          {errors.length > mostNamed && <li>and {errors.length - mostNamed} more</li>}
        </ul>
      )}
    </div>
  );
};
