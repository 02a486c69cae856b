import { contactRulesWords } from '../../contact-words.ts';
import { Shown } from '../states.tsx';
import { Tile } from '../tile.tsx';
import { ControlGroup, useSiteSettings } from './control-group.tsx';
import { PauseSwitch } from './paused.tsx';
import { type Rules, useContactRules } from './rules.ts';
import { RulesForm } from './rules-form.tsx';

/** What protects the people of the site, whatever an automation says. */
export const ContactRulesTile = () => {
  const answer = useContactRules();
  const settings = useSiteSettings().data;
  return (
    <Tile title="Contact rules" aside={<span className="small soft">for all automations of this site</span>}>
      <Shown answer={answer} height={110}>
        {(data) => (
          <div className="stack tight">
            <PauseSwitch {...data} />
            <details className="rules">
              <summary>{summaryOf(data, settings?.holdoutPercent ?? 0)}</summary>
              {/* What is typed stays while only the pause is switched. */}
              <RulesForm key={JSON.stringify({ ...data.rules, paused: null })} {...data} />
              {settings !== undefined && <ControlGroup key={settings.holdoutPercent} {...settings} />}
            </details>
          </div>
        )}
      </Shown>
    </Tile>
  );
};

const summaryOf = ({ rules }: Rules, holdoutPercent: number): string => {
  const words = [
    ...contactRulesWords(rules),
    ...(holdoutPercent === 0 ? [] : [`control group of ${holdoutPercent}%`]),
  ].join(' · ');
  return words === '' ? 'No quiet hours, no cap: set some' : words.charAt(0).toUpperCase() + words.slice(1);
};
