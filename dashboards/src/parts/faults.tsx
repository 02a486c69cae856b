import { Problem } from '../call.ts';

/** Why something was not taken, and every field that the server names. */
export const Faults = ({ error }: { error: Error | null }) => {
  if (error === null) return null;
  const errors = error instanceof Problem ? error.errors : [];
  return (
    <div role="alert" className="break" style={{ color: 'var(--bad)' }}>
      {errors.length === 0 ? error.message : 'Not saved. What is wrong:'}
      {error instanceof Problem && error.status === 412 && ' Discard your changes to see the newest version.'}
      {errors.length > 0 && (
        <ul className="small">
          {errors.map(({ path, message }) => (
            <li key={path + message}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};
