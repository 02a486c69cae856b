import { UnstyledButton } from '@mantine/core';
import { Table2 } from 'lucide-react';
import { useState } from 'react';

/** The figures of a chart as a table: for who reads rather than looks, and for copying. */
export const BehindChart = ({
  caption,
  head,
  rows,
}: {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <div style={{ marginTop: 8 }}>
      <UnstyledButton
        className="row small soft"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        style={{ gap: 6, minHeight: 24 }}
      >
        <Table2 size={14} aria-hidden /> {isOpen ? 'Hide the table' : 'Show as a table'}
      </UnstyledButton>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <section className="table-box" style={{ maxHeight: 320, marginTop: 8 }} tabIndex={0} aria-label={caption}>
          <table className="table">
            <caption className="unseen">{caption}</caption>
            <thead>
              <tr>
                {head.map((name, index) => (
                  <th key={name} scope="col" className={index === 0 ? '' : 'right'}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.join('|')}>
                  {row.map((cell, index) => (
                    <td key={head[index]} className={index === 0 ? '' : 'right'}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
};
