<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>asking</name>
    <message>
        <source>Where does this come from?</source>
        <translation>Woher kommt das?</translation>
    </message>
</context>
<context>
    <name>fabrics</name>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>%1 accelerators in %2 nodes.</source>
        <translation>%1 Beschleuniger in %2 Knoten.</translation>
    </message>
    <message>
        <source>Between the halves: %1, %2 of what the NICs of one can send.</source>
        <translation>Zwischen den Hälften: %1, %2 dessen, was die NICs einer Hälfte senden können.</translation>
    </message>
    <message>
        <source>Network: %1, %2.</source>
        <translation>Netz: %1, %2.</translation>
    </message>
    <message>
        <source>%1 lines have no price in the catalog and are left out of the sum.</source>
        <translation>%1 Zeilen haben keinen Preis im Katalog und fehlen in der Summe.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>Item</source>
        <translation>Artikel</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Price</source>
        <translation>Preis</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
</context>
<context>
    <name>figures</name>
    <message>
        <source>Step time</source>
        <translation>Schrittzeit</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>Token/s</translation>
    </message>
    <message>
        <source>million</source>
        <translation>Millionen</translation>
    </message>
    <message>
        <source>Tokens/s per accelerator</source>
        <translation>Token/s pro Beschleuniger</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Energy per step</source>
        <translation>Energie pro Schritt</translation>
    </message>
    <message>
        <source>Exposed network</source>
        <translation>Unverdecktes Netz</translation>
    </message>
    <message>
        <source>Pipeline bubble</source>
        <translation>Pipeline-Blase</translation>
    </message>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>Finish, 95 % sure</source>
        <translation>Ende, zu 95 % sicher</translation>
    </message>
    <message>
        <source>days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>million USD</source>
        <translation>Millionen USD</translation>
    </message>
    <message>
        <source>Carbon, kg CO2e</source>
        <translation>Kohlendioxid, kg CO2e</translation>
    </message>
    <message>
        <source>Step, flow</source>
        <translation>Schritt, Fluss</translation>
    </message>
</context>
<context>
    <name>flows</name>
    <message>
        <source>GPU %1 and %2 more</source>
        <translation>GPU %1 und %2 weitere</translation>
    </message>
    <message>
        <source>GPU %1</source>
        <translation>GPU %1</translation>
    </message>
</context>
<context>
    <name>gui::CalibrateView</name>
    <message>
        <source>Add measurements, or measure, then fit a profile to them.</source>
        <translation>Messungen hinzufügen oder messen, dann ein Profil an sie anpassen.</translation>
    </message>
    <message>
        <source>Progress of the calibration</source>
        <translation>Fortschritt der Kalibrierung</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Adopt the profile</source>
        <translation>Profil &amp;übernehmen</translation>
    </message>
    <message>
        <source>&amp;Save the profile…</source>
        <translation>Profil &amp;speichern…</translation>
    </message>
    <message>
        <source>Use the catalog&apos;s</source>
        <translation>Das des Katalogs benutzen</translation>
    </message>
    <message>
        <source>Errors of the fits</source>
        <translation>Fehler der Anpassungen</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>Messungen</translation>
    </message>
    <message>
        <source>A&amp;dd files…</source>
        <translation>&amp;Dateien hinzufügen…</translation>
    </message>
    <message>
        <source>Re&amp;move</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>&amp;Fit a profile</source>
        <translation>&amp;Profil anpassen</translation>
    </message>
    <message>
        <source>Measurements: records, nccl-tests output, tables</source>
        <translation>Messungen: Aufzeichnungen, Ausgabe von nccl-tests, Tabellen</translation>
    </message>
    <message>
        <source>Accelerator</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>as the files say</source>
        <translation>wie die Dateien sagen</translation>
    </message>
    <message>
        <source>Cluster</source>
        <translation>Cluster</translation>
    </message>
    <message>
        <source>a fabric of the catalog, or as the files say</source>
        <translation>ein Netz des Katalogs, oder wie die Dateien sagen</translation>
    </message>
    <message>
        <source>Add measurements</source>
        <translation>Messungen hinzufügen</translation>
    </message>
    <message>
        <source>Measure with gpuplan-runner</source>
        <translation>Mit gpuplan-runner messen</translation>
    </message>
    <message>
        <source>Command before it</source>
        <translation>Befehl davor</translation>
    </message>
    <message>
        <source>ssh gpu-node, srun -N 2 …; empty: here</source>
        <translation>ssh gpu-node, srun -N 2 …; leer: hier</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Records</source>
        <translation>Aufzeichnungen</translation>
    </message>
    <message>
        <source>a file that both machines see</source>
        <translation>eine Datei, die beide Rechner sehen</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>&amp;Messen</translation>
    </message>
    <message>
        <source>What the runner says</source>
        <translation>Was das Messprogramm sagt</translation>
    </message>
    <message>
        <source>Measuring: %1</source>
        <translation>Es misst: %1</translation>
    </message>
    <message>
        <source>Measured; the records are in the list.</source>
        <translation>Gemessen; die Aufzeichnungen stehen in der Liste.</translation>
    </message>
    <message>
        <source>The runner ended early; what it measured is in the list. %1</source>
        <translation>Das Messprogramm endete früh; was es gemessen hat, steht in der Liste. %1</translation>
    </message>
    <message>
        <source>The records are on the machine that measured; copy %1 here and add it.</source>
        <translation>Die Aufzeichnungen liegen auf dem messenden Rechner; %1 hierher kopieren und hinzufügen.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>Fitting…</source>
        <translation>Anpassung läuft…</translation>
    </message>
    <message>
        <source>Fit %1</source>
        <translation>Anpassung %1</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Anpassung</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Median error</source>
        <translation>Mittlerer Fehler</translation>
    </message>
    <message>
        <source>90 % below</source>
        <translation>90 % darunter</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>Größter</translation>
    </message>
    <message>
        <source>Bias</source>
        <translation>Neigung</translation>
    </message>
    <message>
        <source>Profile of %1: %2 free parameters, %3 outliers.</source>
        <translation>Profil von %1: %2 freie Parameter, %3 Ausreißer.</translation>
    </message>
    <message>
        <source>Not measured, from the parent: %1.</source>
        <translation>Nicht gemessen, vom Elternprofil: %1.</translation>
    </message>
    <message>
        <source>Simulations use the catalog&apos;s profiles</source>
        <translation>Simulationen benutzen die Profile des Katalogs</translation>
    </message>
    <message>
        <source>Simulations use %1</source>
        <translation>Simulationen benutzen %1</translation>
    </message>
    <message>
        <source>All views use it from now on, and so does the report</source>
        <translation>Alle Ansichten verwenden es von nun an, der Bericht auch</translation>
    </message>
</context>
<context>
    <name>gui::CandidatesView</name>
    <message>
        <source>Table of the %1</source>
        <translation>Tabelle der %1</translation>
    </message>
    <message>
        <source>Chart of the %1</source>
        <translation>Diagramm der %1</translation>
    </message>
    <message>
        <source>Figure across, %1</source>
        <translation>Größe waagerecht, %1</translation>
    </message>
    <message>
        <source>Figure upward, %1</source>
        <translation>Größe senkrecht, %1</translation>
    </message>
    <message>
        <source>&amp;Take over as a variant</source>
        <translation>Als Variante über&amp;nehmen</translation>
    </message>
    <message>
        <source>Opens what is picked in the table or the chart as new variants</source>
        <translation>Öffnet, was in Tabelle oder Diagramm gewählt ist, als neue Varianten</translation>
    </message>
    <message>
        <source>against</source>
        <translation>gegen</translation>
    </message>
</context>
<context>
    <name>gui::Card</name>
    <message>
        <source>as %1</source>
        <translation>wie %1</translation>
    </message>
    <message>
        <source>%1 %2 % to %3</source>
        <translation>%1 %2 % zu %3</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>Bezug</translation>
    </message>
</context>
<context>
    <name>gui::Command</name>
    <message>
        <source>The command %1 cannot be started: %2. Set %3 to where it is.</source>
        <translation>Der Befehl %1 lässt sich nicht starten: %2. %3 auf seinen Ort setzen.</translation>
    </message>
    <message>
        <source>The simulation took longer than %1 s and was stopped; try a smaller cluster.</source>
        <translation>Die Simulation dauerte länger als %1 s und wurde beendet; ein kleineres Cluster versuchen.</translation>
    </message>
    <message>
        <source>The simulation ended unexpectedly; your scenario is unharmed. Run it again, and report it with the scenario if it happens again.</source>
        <translation>Die Simulation endete unerwartet; das Szenario ist unversehrt. Noch einmal laufen lassen und, falls es wieder geschieht, mit dem Szenario melden.</translation>
    </message>
    <message>
        <source>The simulation ended with code %1 and said nothing; run gpuplan doctor.</source>
        <translation>Die Simulation endete mit Code %1 und sagte nichts; gpuplan doctor aufrufen.</translation>
    </message>
</context>
<context>
    <name>gui::CompareModel</name>
    <message>
        <source> (out of date)</source>
        <translation> (veraltet)</translation>
    </message>
    <message>
        <source>flow</source>
        <translation>Fluss</translation>
    </message>
    <message>
        <source>closed form</source>
        <translation>geschlossene Form</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>Bezug</translation>
    </message>
    <message>
        <source>Scenario</source>
        <translation>Szenario</translation>
    </message>
    <message>
        <source>Step time</source>
        <translation>Schrittzeit</translation>
    </message>
    <message>
        <source>MFU</source>
        <translation>MFU</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>Token/s</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Energy/step</source>
        <translation>Energie/Schritt</translation>
    </message>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>By</source>
        <translation>Durch</translation>
    </message>
</context>
<context>
    <name>gui::CompareView</name>
    <message>
        <source>Comparison of the scenarios</source>
        <translation>Vergleich der Szenarien</translation>
    </message>
    <message>
        <source>Step time, s</source>
        <translation>Schrittzeit, s</translation>
    </message>
    <message>
        <source>MFU, %</source>
        <translation>MFU, %</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>Memory, GiB</source>
        <translation>Speicher, GiB</translation>
    </message>
    <message>
        <source>Power, MW</source>
        <translation>Leistung, MW</translation>
    </message>
    <message>
        <source>Figure of the chart</source>
        <translation>Größe des Diagramms</translation>
    </message>
    <message>
        <source>Chart of the scenarios</source>
        <translation>Diagramm der Szenarien</translation>
    </message>
    <message>
        <source>&amp;Chart:</source>
        <translation>&amp;Diagramm:</translation>
    </message>
</context>
<context>
    <name>gui::Document</name>
    <message>
        <source>variant %1</source>
        <translation>Variante %1</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>new variant</source>
        <translation>neue Variante</translation>
    </message>
</context>
<context>
    <name>gui::ExploreView</name>
    <message>
        <source>What if</source>
        <translation>Was wäre wenn</translation>
    </message>
    <message>
        <source>Sweep</source>
        <translation>Reihe</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>Plan</translation>
    </message>
</context>
<context>
    <name>gui::FabricWizard</name>
    <message>
        <source>Parts of the network</source>
        <translation>Teile des Netzes</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>Kind of fabric</source>
        <translation>Art des Netzes</translation>
    </message>
    <message>
        <source>Technology</source>
        <translation>Technik</translation>
    </message>
    <message>
        <source>Switch</source>
        <translation>Switch</translation>
    </message>
    <message>
        <source>NIC speed</source>
        <translation>NIC-Geschwindigkeit</translation>
    </message>
    <message>
        <source>Nodes per leaf group</source>
        <translation>Knoten je Leaf-Gruppe</translation>
    </message>
    <message>
        <source>Leaf oversubscription</source>
        <translation>Überbuchung der Leafs</translation>
    </message>
    <message>
        <source>Spine oversubscription</source>
        <translation>Überbuchung der Spines</translation>
    </message>
    <message>
        <source>%1: %2 × %3, %4 × %5.</source>
        <translation>%1: %2 × %3, %4 × %5.</translation>
    </message>
    <message>
        <source>Source: %1 (%2).</source>
        <translation>Quelle: %1 (%2).</translation>
    </message>
    <message>
        <source>Switches per group</source>
        <translation>Switches je Gruppe</translation>
    </message>
    <message>
        <source>NICs per switch</source>
        <translation>NICs je Switch</translation>
    </message>
    <message>
        <source>Spines per group</source>
        <translation>Spines je Gruppe</translation>
    </message>
    <message>
        <source>Cables to other groups</source>
        <translation>Kabel zu anderen Gruppen</translation>
    </message>
    <message>
        <source>Extents</source>
        <translation>Ausdehnung</translation>
    </message>
    <message>
        <source>Edge of optical cubes</source>
        <translation>Kante optischer Würfel</translation>
    </message>
    <message>
        <source>all cabled</source>
        <translation>alles verkabelt</translation>
    </message>
    <message>
        <source>Twisted</source>
        <translation>Verdreht</translation>
    </message>
</context>
<context>
    <name>gui::LinkMatrix</name>
    <message>
        <source>Loads between lower and upper switches</source>
        <translation>Last zwischen unteren und oberen Switches</translation>
    </message>
    <message>
        <source>%1 and %2: no cable</source>
        <translation>%1 und %2: kein Kabel</translation>
    </message>
    <message>
        <source>%1 and %2: %3 of the busier direction</source>
        <translation>%1 und %2: %3 in der stärkeren Richtung</translation>
    </message>
    <message>
        <source>No loads between switches: this fabric has one tier, or the network was not simulated yet (F5).</source>
        <translation>Keine Last zwischen Switches: dieses Netz hat nur eine Ebene, oder das Netz wurde noch nicht simuliert (F5).</translation>
    </message>
    <message>
        <source>%1 lower by %2 upper switches; mean load %3, most %4. A click or the arrow keys pick a cable.</source>
        <translation>%1 untere mal %2 obere Switches; Last im Mittel %3, höchstens %4. Ein Klick oder die Pfeiltasten wählen ein Kabel.</translation>
    </message>
    <message>
        <source>%1 … %2</source>
        <translation>%1 … %2</translation>
    </message>
    <message>
        <source>0 to 100 % of the cable&apos;s bandwidth</source>
        <translation>0 bis 100 % der Bandbreite des Kabels</translation>
    </message>
</context>
<context>
    <name>gui::MainWindow</name>
    <message>
        <source>gpuplan</source>
        <translation>gpuplan</translation>
    </message>
    <message>
        <source>Save the profile</source>
        <translation>Profil speichern</translation>
    </message>
    <message>
        <source>Profiles (*.json)</source>
        <translation>Profile (*.json)</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Whole run</source>
        <translation>Ganzer Lauf</translation>
    </message>
    <message>
        <source>Topology</source>
        <translation>Topologie</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitlinie</translation>
    </message>
    <message>
        <source>Explore</source>
        <translation>Erkunden</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>Kalibrieren</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Open scenarios</source>
        <translation>Offene Szenarien</translation>
    </message>
    <message>
        <source>typing</source>
        <translation>Tippen</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>Formular</translation>
    </message>
    <message>
        <source>YAML</source>
        <translation>YAML</translation>
    </message>
    <message>
        <source>Scenarios</source>
        <translation>Szenarien</translation>
    </message>
    <message>
        <source>Progress of the simulation</source>
        <translation>Fortschritt der Simulation</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>change of %1</source>
        <translation>Änderung von %1</translation>
    </message>
    <message>
        <source>without %1</source>
        <translation>ohne %1</translation>
    </message>
    <message>
        <source>The scenario of this result is closed; open %1 again to take it over.</source>
        <translation>Das Szenario dieses Ergebnisses ist geschlossen; %1 wieder öffnen, um es zu übernehmen.</translation>
    </message>
    <message>
        <source>Recovered unsaved changes of %1 scenario(s) from a session that ended unexpectedly.</source>
        <translation>Ungesicherte Änderungen von %1 Szenario(s) einer Sitzung, die unerwartet endete, sind wieder da.</translation>
    </message>
    <message>
        <source>Scenarios (*.yaml *.yml);;All files (*)</source>
        <translation>Szenarien (*.yaml *.yml);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Save scenario</source>
        <translation>Szenario speichern</translation>
    </message>
    <message>
        <source>Scenarios (*.yaml *.yml)</source>
        <translation>Szenarien (*.yaml *.yml)</translation>
    </message>
    <message>
        <source>Close scenario</source>
        <translation>Szenario schließen</translation>
    </message>
    <message>
        <source>%1 has changes that are not saved. Close it without them?</source>
        <translation>%1 hat ungesicherte Änderungen. Ohne sie schließen?</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Some scenarios have changes that are not saved. Quit without them?</source>
        <translation>Einige Szenarien haben ungesicherte Änderungen. Ohne sie beenden?</translation>
    </message>
    <message>
        <source>An import is running; drop %1 again when it is done.</source>
        <translation>Ein Einlesen läuft; %1 danach noch einmal fallen lassen.</translation>
    </message>
    <message>
        <source>There is no trace yet: simulate the network first (F5).</source>
        <translation>Noch gibt es keine Aufzeichnung: zuerst das Netz simulieren (F5).</translation>
    </message>
    <message>
        <source>Save the trace</source>
        <translation>Aufzeichnung speichern</translation>
    </message>
    <message>
        <source>Traces (*.json)</source>
        <translation>Aufzeichnungen (*.json)</translation>
    </message>
    <message>
        <source>In the page that opened, choose &quot;Open trace file&quot; and then %1.</source>
        <translation>Auf der geöffneten Seite „Open trace file“ und dann %1 wählen.</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Ausgeben</translation>
    </message>
    <message>
        <source>Wrote %1</source>
        <translation>%1 geschrieben</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;New from template</source>
        <translation>&amp;Neu aus Vorlage</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>Ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message>
        <source>Save &amp;as…</source>
        <translation>Speichern &amp;unter…</translation>
    </message>
    <message>
        <source>&amp;Close scenario</source>
        <translation>Szenario s&amp;chließen</translation>
    </message>
    <message>
        <source>Export &amp;picture…</source>
        <translation>&amp;Bild ausgeben…</translation>
    </message>
    <message>
        <source>Pictures (*.png *.svg *.pdf)</source>
        <translation>Bilder (*.png *.svg *.pdf)</translation>
    </message>
    <message>
        <source>Export &amp;table…</source>
        <translation>&amp;Tabelle ausgeben…</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tabellen (*.csv)</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>New &amp;variant</source>
        <translation>Neue &amp;Variante</translation>
    </message>
    <message>
        <source>&amp;Simulate</source>
        <translation>&amp;Simulieren</translation>
    </message>
    <message>
        <source>Simulate &amp;network</source>
        <translation>&amp;Netz simulieren</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>Network after &amp;each change</source>
        <translation>Netz nach &amp;jeder Änderung</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;About gpuplan</source>
        <translation>Ü&amp;ber gpuplan</translation>
    </message>
    <message>
        <source>About gpuplan</source>
        <translation>Über gpuplan</translation>
    </message>
    <message>
        <source>gpuplan %1: simulator and capacity planner for AI training clusters.
Sources: Apache-2.0. This program links QCustomPlot and is distributed under the GPL, version 3 or later.</source>
        <translation>gpuplan %1: Simulator und Planer für KI-Trainingscluster.
Quelltext: Apache-2.0. Dieses Programm bindet QCustomPlot ein und wird unter der GPL, Version 3 oder neuer, verteilt.</translation>
    </message>
    <message>
        <source>Main</source>
        <translation>Haupt</translation>
    </message>
    <message>
        <source>%1 (baseline)</source>
        <translation>%1 (Bezug)</translation>
    </message>
    <message>
        <source>Open a scenario to see its cluster.</source>
        <translation>Ein Szenario öffnen, um sein Cluster zu sehen.</translation>
    </message>
    <message>
        <source>Open a scenario to see its step.</source>
        <translation>Ein Szenario öffnen, um seinen Schritt zu sehen.</translation>
    </message>
    <message>
        <source>Open a scenario (Ctrl+O), drop a YAML file here, or take one from File, New from template.</source>
        <translation>Ein Szenario öffnen (Strg+O), eine YAML-Datei hier fallen lassen oder eine Vorlage nehmen: Datei, Neu aus Vorlage.</translation>
    </message>
    <message>
        <source>%1[*] – gpuplan</source>
        <translation>%1[*] – gpuplan</translation>
    </message>
    <message>
        <source>Out of date: the figures are of an earlier text.</source>
        <translation>Veraltet: die Zahlen gehören zu einem früheren Text.</translation>
    </message>
    <message>
        <source>The network is being simulated…</source>
        <translation>Das Netz wird simuliert…</translation>
    </message>
    <message>
        <source>Simulate the network (F5) to see the step.</source>
        <translation>Das Netz simulieren (F5), um den Schritt zu sehen.</translation>
    </message>
    <message>
        <source>Simulating…</source>
        <translation>Simulation läuft…</translation>
    </message>
    <message>
        <source>Valid</source>
        <translation>Gültig</translation>
    </message>
    <message>
        <source>&amp;Help on this view</source>
        <translation>&amp;Hilfe zu dieser Ansicht</translation>
    </message>
    <message>
        <source>A report is being written; try again when it is there.</source>
        <translation>Ein Bericht wird geschrieben; noch einmal versuchen, wenn er da ist.</translation>
    </message>
    <message>
        <source>Writing the report…</source>
        <translation>Der Bericht wird geschrieben…</translation>
    </message>
    <message>
        <source>Export &amp;report…</source>
        <translation>Be&amp;richt ausgeben…</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Zahlen</translation>
    </message>
    <message>
        <source>Roofline</source>
        <translation>Roofline</translation>
    </message>
    <message>
        <source>All views use the catalog&apos;s profiles.</source>
        <translation>Alle Ansichten verwenden die Profile des Katalogs.</translation>
    </message>
    <message>
        <source>All views use the fitted profile.</source>
        <translation>Alle Ansichten verwenden das angepasste Profil.</translation>
    </message>
    <message>
        <source>Open a scenario first: the fabric becomes its cluster.</source>
        <translation>Öffnen Sie zuerst ein Szenario: das Netz wird sein Cluster.</translation>
    </message>
    <message>
        <source>fabric</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>%1 describes a model: open the scenario first that is to have it.</source>
        <translation>%1 beschreibt ein Modell: Öffnen Sie zuerst das Szenario, das es bekommen soll.</translation>
    </message>
    <message>
        <source>model of %1</source>
        <translation>Modell aus %1</translation>
    </message>
    <message>
        <source>The model is that of %1: %2 parameters.</source>
        <translation>Das Modell ist das aus %1: %2 Parameter.</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Hugging Face configurations, NCCL topologies, measurements (*.json *.xml *.jsonl *.txt *.log *.csv);;All files (*)</source>
        <translation>Hugging-Face-Konfigurationen, NCCL-Topologien, Messungen (*.json *.xml *.jsonl *.txt *.log *.csv);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>&amp;Import…</source>
        <translation>&amp;Importieren…</translation>
    </message>
    <message>
        <source>&amp;Fabric…</source>
        <translation>&amp;Netz…</translation>
    </message>
    <message>
        <source>Open a scenario first: the report is of it.</source>
        <translation>Zuerst ein Szenario öffnen: der Bericht gilt ihm.</translation>
    </message>
    <message>
        <source>Web pages (*.html);;Markdown (*.md)</source>
        <translation>Webseiten (*.html);;Markdown (*.md)</translation>
    </message>
    <message>
        <source>node of %1</source>
        <translation>Knoten aus %1</translation>
    </message>
    <message>
        <source>The fabric&apos;s nodes are those of %1.</source>
        <translation>Die Knoten des Netzes sind die aus %1.</translation>
    </message>
    <message>
        <source>Assumed: %1.</source>
        <translation>Angenommen: %1.</translation>
    </message>
    <message>
        <source>Wrote %1, a node for the catalog. Dropped on an open scenario, the topology becomes the node of its fabric.</source>
        <translation>%1 geschrieben, ein Knoten für den Katalog. Auf ein offenes Szenario gezogen, wird die Topologie zum Knoten seines Netzes.</translation>
    </message>
</context>
<context>
    <name>gui::ParetoChart</name>
    <message>
        <source>%1 against %2, %3 points, %4 picked. Nothing beats: %5</source>
        <translation>%1 gegen %2, %3 Punkte, %4 gewählt. Nichts schlägt: %5</translation>
    </message>
</context>
<context>
    <name>gui::PlanPanel</name>
    <message>
        <source>Tokens to train on</source>
        <translation>Token fürs Training</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>Frist</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>Power at the meter</source>
        <translation>Leistung am Zähler</translation>
    </message>
    <message>
        <source>Clusters to choose from</source>
        <translation>Cluster zur Auswahl</translation>
    </message>
    <message>
        <source>Sizes to choose from</source>
        <translation>Größen zur Auswahl</translation>
    </message>
    <message>
        <source>what could meet the deadline</source>
        <translation>was die Frist einhalten könnte</translation>
    </message>
    <message>
        <source>Ways to pay</source>
        <translation>Arten zu zahlen</translation>
    </message>
    <message>
        <source>least money</source>
        <translation>am wenigsten Geld</translation>
    </message>
    <message>
        <source>least time</source>
        <translation>am wenigsten Zeit</translation>
    </message>
    <message>
        <source>least power</source>
        <translation>am wenigsten Leistung</translation>
    </message>
    <message>
        <source>least carbon</source>
        <translation>am wenigsten CO2</translation>
    </message>
    <message>
        <source>fewest accelerators</source>
        <translation>am wenigsten Beschleuniger</translation>
    </message>
    <message>
        <source>Goal of the plan</source>
        <translation>Ziel des Plans</translation>
    </message>
    <message>
        <source>Goal</source>
        <translation>Ziel</translation>
    </message>
    <message>
        <source>Find &amp;layouts</source>
        <translation>&amp;Layouts finden</translation>
    </message>
    <message>
        <source>The best parallel layouts on the cluster of the scenario</source>
        <translation>Die besten parallelen Layouts auf dem Cluster des Szenarios</translation>
    </message>
    <message>
        <source>Find &amp;plans</source>
        <translation>&amp;Pläne finden</translation>
    </message>
    <message>
        <source>The best cluster, size, layout and purchase under the limits</source>
        <translation>Das beste Cluster, Größe, Layout und Kauf unter den Grenzen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress of the search</source>
        <translation>Fortschritt der Suche</translation>
    </message>
    <message>
        <source>Empty fields keep what the scenario says, or set no limit.</source>
        <translation>Leere Felder lassen, was das Szenario sagt, oder setzen keine Grenze.</translation>
    </message>
    <message>
        <source>plans</source>
        <translation>Pläne</translation>
    </message>
    <message>
        <source>Find plans or layouts to see them here.</source>
        <translation>Pläne oder Layouts finden, um sie hier zu sehen.</translation>
    </message>
    <message>
        <source>%1, for instance %2</source>
        <translation>%1, zum Beispiel %2</translation>
    </message>
    <message>
        <source>for instance %1</source>
        <translation>zum Beispiel %1</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>Suche läuft…</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
</context>
<context>
    <name>gui::Recovery</name>
    <message>
        <source>Unsaved changes cannot be kept for recovery: %1 cannot be written.</source>
        <translation>Ungesicherte Änderungen können nicht zur Wiederherstellung aufgehoben werden: %1 lässt sich nicht schreiben.</translation>
    </message>
    <message>
        <source>Unsaved changes cannot be kept for recovery: %1.</source>
        <translation>Ungesicherte Änderungen können nicht zur Wiederherstellung aufgehoben werden: %1.</translation>
    </message>
</context>
<context>
    <name>gui::ResidualPlot</name>
    <message>
        <source>Which residuals</source>
        <translation>Welche Abweichungen</translation>
    </message>
    <message>
        <source>Residuals of the fit</source>
        <translation>Abweichungen der Anpassung</translation>
    </message>
    <message>
        <source>Predicted over measured less one, %</source>
        <translation>Vorhergesagt durch gemessen weniger eins, %</translation>
    </message>
    <message>
        <source>%1: %2 series</source>
        <translation>%1: %2 Reihen</translation>
    </message>
</context>
<context>
    <name>gui::ResultsView</name>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Step time</source>
        <translation>Schrittzeit</translation>
    </message>
    <message>
        <source>MFU</source>
        <translation>MFU</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>Memory, heaviest rank</source>
        <translation>Speicher, schwerster Rang</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Energy per step</source>
        <translation>Energie pro Schritt</translation>
    </message>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>From the peak to what is achieved (per accelerator)</source>
        <translation>Von der Spitze zum Erreichten (pro Beschleuniger)</translation>
    </message>
    <message>
        <source>Where the step goes (busiest stage)</source>
        <translation>Wo der Schritt bleibt (vollste Stufe)</translation>
    </message>
    <message>
        <source>Memory of the heaviest rank</source>
        <translation>Speicher des schwersten Rangs</translation>
    </message>
    <message>
        <source>No result yet</source>
        <translation>Noch kein Ergebnis</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>flow simulation, every transfer on every link</source>
        <translation>Flusssimulation, jede Übertragung auf jedem Kabel</translation>
    </message>
    <message>
        <source>closed form, nothing contends</source>
        <translation>geschlossene Form, nichts stört sich</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>%1 per accelerator</source>
        <translation>%1 pro Beschleuniger</translation>
    </message>
    <message>
        <source>of %1: fits</source>
        <translation>von %1: passt</translation>
    </message>
    <message>
        <source>of %1: does not fit</source>
        <translation>von %1: passt nicht</translation>
    </message>
    <message>
        <source>%1 per token</source>
        <translation>%1 pro Token</translation>
    </message>
    <message>
        <source>of %1 peak</source>
        <translation>von %1 Spitze</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 Parameter</translation>
    </message>
    <message>
        <source>Peak</source>
        <translation>Spitze</translation>
    </message>
    <message>
        <source>Achieved</source>
        <translation>Erreicht</translation>
    </message>
    <message>
        <source>Busiest links</source>
        <translation>Vollste Kabel</translation>
    </message>
    <message>
        <source>Press F5 to simulate the network: timeline, link loads, contention.</source>
        <translation>F5 simuliert das Netz: Zeitlinie, Last der Kabel, Stau.</translation>
    </message>
    <message>
        <source>Remarks</source>
        <translation>Bemerkungen</translation>
    </message>
    <message>
        <source>Price per hour</source>
        <translation>Preis pro Stunde</translation>
    </message>
    <message>
        <source>Price of 10¹² tokens</source>
        <translation>Preis von 10¹² Token</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>while the job runs</source>
        <translation>während der Auftrag läuft</translation>
    </message>
    <message>
        <source>add purchase: {terms: ...}</source>
        <translation>purchase: {terms: ...} ergänzen</translation>
    </message>
    <message>
        <source>The red line is the memory of one accelerator. Ranges and the lines across bars are 90 % bands of the profiles. A click on a figure, or Enter, tells where it comes from. Computed in %1.</source>
        <translation>Die rote Linie ist der Speicher eines Beschleunigers. Bereiche und die Linien auf Balken sind 90-%-Bänder der Profile. Ein Klick auf eine Zahl oder die Eingabetaste sagt, woher sie kommt. Gerechnet in %1.</translation>
    </message>
    <message>
        <source>FLOP/s per accelerator</source>
        <translation>FLOP/s pro Beschleuniger</translation>
    </message>
</context>
<context>
    <name>gui::RooflineChart</name>
    <message>
        <source>%1 at %2 FLOP/byte</source>
        <translation>%1 bei %2 FLOP/Byte</translation>
    </message>
    <message>
        <source>%1, %2: %3; %4 in a step, %5 calls%6</source>
        <translation>%1, %2: %3; %4 in einem Schritt, %5 Aufrufe%6</translation>
    </message>
    <message>
        <source>Roofline</source>
        <translation>Roofline</translation>
    </message>
    <message>
        <source>FLOP per byte of device memory</source>
        <translation>FLOP je Byte des Gerätespeichers</translation>
    </message>
    <message>
        <source>TFLOP/s of one accelerator</source>
        <translation>TFLOP/s eines Beschleunigers</translation>
    </message>
    <message>
        <source>%1 in %2, %3 of memory</source>
        <translation>%1 in %2, Speicher %3</translation>
    </message>
</context>
<context>
    <name>gui::RooflineView</name>
    <message>
        <source>Kernels of the step</source>
        <translation>Kernel des Schritts</translation>
    </message>
    <message>
        <source>Stage %1 on %2. Memory: %3.</source>
        <translation>Stufe %1 auf %2. Speicher: %3.</translation>
    </message>
    <message>
        <source>Peak in %1: %2.</source>
        <translation>Spitze in %1: %2.</translation>
    </message>
    <message>
        <source>● forward, ■ backward, ▲ again. Bytes count each operand once. Kernels that only move data stand in the table.</source>
        <translation>● vorwärts, ■ rückwärts, ▲ noch einmal. Bytes zählen jeden Operanden einmal. Kernel, die nur Daten bewegen, stehen in der Tabelle.</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation>Kernel</translation>
    </message>
    <message>
        <source>Pass</source>
        <translation>Durchgang</translation>
    </message>
    <message>
        <source>Time in a step</source>
        <translation>Zeit in einem Schritt</translation>
    </message>
    <message>
        <source>FLOP/byte</source>
        <translation>FLOP/Byte</translation>
    </message>
    <message>
        <source>Achieved</source>
        <translation>Erreicht</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Calls</source>
        <translation>Aufrufe</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
</context>
<context>
    <name>gui::RunView</name>
    <message>
        <source>Data and phases of the run</source>
        <translation>Daten und Abschnitte des Laufs</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>What gpuplan says of it</source>
        <translation>Was gpuplan davon sagt</translation>
    </message>
    <message>
        <source>Tokens to train on</source>
        <translation>Token fürs Training</translation>
    </message>
    <message>
        <source>To&amp;kens to train on</source>
        <translation>To&amp;ken fürs Training</translation>
    </message>
    <message>
        <source>Where the time of the run goes</source>
        <translation>Wo die Zeit des Laufs bleibt</translation>
    </message>
    <message>
        <source>What it costs</source>
        <translation>Was es kostet</translation>
    </message>
    <message>
        <source>Lines of the cost</source>
        <translation>Posten der Kosten</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>Ausfälle</translation>
    </message>
    <message>
        <source>Power along a step</source>
        <translation>Leistung während eines Schritts</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>Cost lines</source>
        <translation>Kostenposten</translation>
    </message>
    <message>
        <source>Power of a step</source>
        <translation>Leistung eines Schritts</translation>
    </message>
    <message>
        <source>Finish</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>Price per hour</source>
        <translation>Preis pro Stunde</translation>
    </message>
    <message>
        <source>Power of the site</source>
        <translation>Leistung des Standorts</translation>
    </message>
    <message>
        <source>Goodput</source>
        <translation>Nutzdurchsatz</translation>
    </message>
    <message>
        <source>Interruptions</source>
        <translation>Unterbrechungen</translation>
    </message>
    <message>
        <source>Energy at the meter</source>
        <translation>Energie am Zähler</translation>
    </message>
    <message>
        <source>Carbon</source>
        <translation>Kohlendioxid</translation>
    </message>
    <message>
        <source>Out of date: the figures are of an earlier text.</source>
        <translation>Veraltet: die Zahlen gehören zu einem früheren Text.</translation>
    </message>
    <message>
        <source>How long the run is, is not said yet: type the tokens on the left.</source>
        <translation>Wie lang der Lauf ist, steht noch nicht fest: links die Token eintippen.</translation>
    </message>
    <message>
        <source>%1 of %2 courses do not end.</source>
        <translation>%1 von %2 Verläufen enden nicht.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>of the run</source>
        <translation>des Laufs</translation>
    </message>
    <message>
        <source>add purchase: {terms: ...}</source>
        <translation>purchase: {terms: ...} hinzufügen</translation>
    </message>
    <message>
        <source>while the job runs</source>
        <translation>solange der Lauf rechnet</translation>
    </message>
    <message>
        <source>%1 per token</source>
        <translation>%1 pro Token</translation>
    </message>
    <message>
        <source>%1 t CO2e</source>
        <translation>%1 t CO2e</translation>
    </message>
    <message>
        <source>of the electricity</source>
        <translation>des Stroms</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Quantity</source>
        <translation>Menge</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>Price of one</source>
        <translation>Preis eines Stücks</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Component</source>
        <translation>Bauteil</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>Was es bewirkt</translation>
    </message>
    <message>
        <source>Pieces</source>
        <translation>Stücke</translation>
    </message>
    <message>
        <source>Per piece and year</source>
        <translation>Pro Stück und Jahr</translation>
    </message>
    <message>
        <source>Per day in the job</source>
        <translation>Pro Tag im Lauf</translation>
    </message>
    <message>
        <source>Time in the step, s</source>
        <translation>Zeit im Schritt, s</translation>
    </message>
    <message>
        <source>Power of nodes and network, MW</source>
        <translation>Leistung von Knoten und Netz, MW</translation>
    </message>
    <message>
        <source>From the flow simulation: every stage&apos;s own timeline.</source>
        <translation>Aus der Flusssimulation: die Zeitlinie jeder Stufe.</translation>
    </message>
    <message>
        <source>By phases of the closed form, swing %1; simulate the network (F5) for the timeline of every stage.</source>
        <translation>Nach Phasen der geschlossenen Form, Schwankung %1; das Netz simulieren (F5) für die Zeitlinie jeder Stufe.</translation>
    </message>
    <message>
        <source>%1 points, at most %2</source>
        <translation>%1 Punkte, höchstens %2</translation>
    </message>
    <message>
        <source>%1 steps, %2 courses drawn, PUE %3, a checkpoint every %4.</source>
        <translation>%1 Schritte, %2 Verläufe gezogen, PUE %3, eine Sicherung alle %4.</translation>
    </message>
    <message>
        <source>%1 to %2 (P5, P95)</source>
        <translation>%1 bis %2 (P5, P95)</translation>
    </message>
    <message>
        <source>owned, run %1</source>
        <translation>Besitz, Lauf %1</translation>
    </message>
    <message>
        <source>name plates; %1 drawn</source>
        <translation>Typenschilder; zieht %1</translation>
    </message>
    <message>
        <source>%1 tokens per second</source>
        <translation>%1 Token pro Sekunde</translation>
    </message>
    <message>
        <source>%1 spare nodes</source>
        <translation>%1 Reserveknoten</translation>
    </message>
    <message>
        <source>%1 %2 at %3; %4</source>
        <translation>%1 %2 zu %3; %4</translation>
    </message>
    <message>
        <source>%1: %2 per day in the job</source>
        <translation>%1: %2 pro Tag im Auftrag</translation>
    </message>
    <message>
        <source>%1 pieces, %2 per piece and year; %3</source>
        <translation>%1 Stück, %2 pro Stück und Jahr; %3</translation>
    </message>
    <message>
        <source>owned, data %1, run %2</source>
        <translation>Besitz, Daten %1, Lauf %2</translation>
    </message>
</context>
<context>
    <name>gui::ScenarioForm</name>
    <message>
        <source>Job</source>
        <translation>Auftrag</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Cluster</source>
        <translation>Cluster</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>NIC speed</source>
        <translation>NIC-Geschwindigkeit</translation>
    </message>
    <message>
        <source>Leaf oversubscription</source>
        <translation>Überbuchung der Leafs</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Routing</source>
        <translation>Wegewahl</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Sequence length</source>
        <translation>Sequenzlänge</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Global batch</source>
        <translation>Globaler Batch</translation>
    </message>
    <message>
        <source>sequences</source>
        <translation>Sequenzen</translation>
    </message>
    <message>
        <source>Micro-batch</source>
        <translation>Micro-Batch</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Recompute</source>
        <translation>Neuberechnung</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Kind of job</source>
        <translation>Art des Auftrags</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>Layout</translation>
    </message>
    <message>
        <source>Tensor parallel</source>
        <translation>Tensor-parallel</translation>
    </message>
    <message>
        <source>Pipeline stages</source>
        <translation>Pipeline-Stufen</translation>
    </message>
    <message>
        <source>Virtual stages</source>
        <translation>Virtuelle Stufen</translation>
    </message>
    <message>
        <source>Data parallel</source>
        <translation>Daten-parallel</translation>
    </message>
    <message>
        <source>Context parallel</source>
        <translation>Kontext-parallel</translation>
    </message>
    <message>
        <source>Expert parallel</source>
        <translation>Experten-parallel</translation>
    </message>
    <message>
        <source>Sequence parallel</source>
        <translation>Sequenz-parallel</translation>
    </message>
    <message>
        <source>Sharding</source>
        <translation>Aufteilung</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Ablauf</translation>
    </message>
    <message>
        <source>Framework</source>
        <translation>Framework</translation>
    </message>
    <message>
        <source>Sweep this: vary %1 in the Explore view</source>
        <translation>Durchlaufen: %1 in „Erkunden“ variieren</translation>
    </message>
    <message>
        <source>Sweep %1</source>
        <translation>%1 durchlaufen</translation>
    </message>
    <message>
        <source>Given as a block: change it in the YAML tab.</source>
        <translation>Als Block angegeben: in der YAML-Ansicht ändern.</translation>
    </message>
    <message>
        <source>%1, from %2</source>
        <translation>%1, aus %2</translation>
    </message>
    <message>
        <source>What fits as %1</source>
        <translation>Was als %1 passt</translation>
    </message>
    <message>
        <source>fits: %1</source>
        <translation>passt: %1</translation>
    </message>
    <message>
        <source>too much memory: %1</source>
        <translation>zu viel Speicher: %1</translation>
    </message>
    <message>
        <source>no value fits</source>
        <translation>kein Wert passt</translation>
    </message>
</context>
<context>
    <name>gui::SourceDialog</name>
    <message>
        <source>This row</source>
        <translation>Diese Zeile</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>Formel</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Low and high</source>
        <translation>Untere und obere Grenze</translation>
    </message>
    <message>
        <source>Measurements behind it</source>
        <translation>Messungen dahinter</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>Eingaben</translation>
    </message>
</context>
<context>
    <name>gui::SourcesView</name>
    <message>
        <source>Value of</source>
        <translation>Wert von</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Filter, say &quot;bandwidth&quot; or &quot;assumption&quot;</source>
        <translation>Filter, etwa „bandwidth“ oder „assumption“</translation>
    </message>
    <message>
        <source>Filter of the sources</source>
        <translation>Filter der Quellen</translation>
    </message>
    <message>
        <source>Values and their sources</source>
        <translation>Werte und ihre Quellen</translation>
    </message>
</context>
<context>
    <name>gui::SweepPanel</name>
    <message>
        <source>points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>Add values with the button ⇄ beside a field of the form, or here, and run.</source>
        <translation>Werte mit dem Knopf ⇄ neben einem Feld des Formulars oder hier hinzufügen, dann starten.</translation>
    </message>
    <message>
        <source>What moves the figure</source>
        <translation>Was die Größe bewegt</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Tried: a list or a range</source>
        <translation>Versucht: eine Liste oder ein Bereich</translation>
    </message>
    <message>
        <source>Values to vary</source>
        <translation>Zu variierende Werte</translation>
    </message>
    <message>
        <source>&amp;Add value</source>
        <translation>Wert &amp;hinzufügen</translation>
    </message>
    <message>
        <source>Re&amp;move</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>every combination</source>
        <translation>jede Kombination</translation>
    </message>
    <message>
        <source>each alone (tornado)</source>
        <translation>jeder allein (Tornado)</translation>
    </message>
    <message>
        <source>random points</source>
        <translation>zufällige Punkte</translation>
    </message>
    <message>
        <source>Sobol points</source>
        <translation>Sobol-Punkte</translation>
    </message>
    <message>
        <source>Which points</source>
        <translation>Welche Punkte</translation>
    </message>
    <message>
        <source>Figure of the tornado</source>
        <translation>Größe des Tornados</translation>
    </message>
    <message>
        <source>Number of points</source>
        <translation>Zahl der Punkte</translation>
    </message>
    <message>
        <source>&amp;Run sweep</source>
        <translation>&amp;Reihe starten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress of the sweep</source>
        <translation>Fortschritt der Reihe</translation>
    </message>
    <message>
        <source>Nothing varies yet: add a value with the button ⇄ beside a field of the form.</source>
        <translation>Noch variiert nichts: mit dem Knopf ⇄ neben einem Feld des Formulars einen Wert hinzufügen.</translation>
    </message>
    <message>
        <source>The sweep runs…</source>
        <translation>Die Reihe läuft…</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>Cancelled; what is done is shown.</source>
        <translation>Abgebrochen; was fertig ist, wird gezeigt.</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>as it is</source>
        <translation>wie es ist</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>passt</translation>
    </message>
    <message>
        <source>%1 points, %2 fit. Drag a frame in the chart to pick; Enter or the button makes variants of them.</source>
        <translation>%1 Punkte, %2 passen. Im Diagramm einen Rahmen ziehen, um zu wählen; Eingabe oder der Knopf macht Varianten daraus.</translation>
    </message>
    <message>
        <source>no result</source>
        <translation>kein Ergebnis</translation>
    </message>
    <message>
        <source>%1 is %2 as the scenario stands (the red line); each bar is one value alone, from its first to its last.</source>
        <translation>%1 ist %2, wie das Szenario steht (die rote Linie); jeder Balken ist ein Wert allein, vom ersten bis zum letzten.</translation>
    </message>
</context>
<context>
    <name>gui::TextEditor</name>
    <message>
        <source>Scenario as YAML</source>
        <translation>Szenario als YAML</translation>
    </message>
</context>
<context>
    <name>gui::TimelineCanvas</name>
    <message>
        <source>Timeline of the step</source>
        <translation>Zeitlinie des Schritts</translation>
    </message>
    <message>
        <source>Selected: %1 from %2</source>
        <translation>Gewählt: %1 ab %2</translation>
    </message>
    <message>
        <source>The whole step: %1, %2 spans</source>
        <translation>Der ganze Schritt: %1, %2 Abschnitte</translation>
    </message>
    <message>
        <source>%1: %2 over all rows (%3)</source>
        <translation>%1: %2 über alle Zeilen (%3)</translation>
    </message>
    <message>
        <source>%1: %2, %3 from %4</source>
        <translation>%1: %2, %3 ab %4</translation>
    </message>
    <message>
        <source> and %1 more</source>
        <translation> und %1 weitere</translation>
    </message>
    <message>
        <source>began as this ended:</source>
        <translation>begann, als dies endete:</translation>
    </message>
    <message>
        <source>as it ended, this began:</source>
        <translation>als es endete, begann dies:</translation>
    </message>
    <message>
        <source>%1: idle at %2</source>
        <translation>%1: müßig bei %2</translation>
    </message>
</context>
<context>
    <name>gui::TimelineView</name>
    <message>
        <source>Find a span: &quot;B3&quot;, &quot;pipeline&quot;, &quot;stage 2&quot;; Enter: the next</source>
        <translation>Einen Abschnitt finden: „B3“, „pipeline“, „stage 2“; Eingabe: der nächste</translation>
    </message>
    <message>
        <source>Find a span</source>
        <translation>Einen Abschnitt finden</translation>
    </message>
    <message>
        <source>Run beside it</source>
        <translation>Lauf daneben</translation>
    </message>
    <message>
        <source>Puts the rows of another simulated scenario under those of this one</source>
        <translation>Stellt die Zeilen eines anderen simulierten Szenarios unter die dieses</translation>
    </message>
    <message>
        <source>Open in &amp;Perfetto…</source>
        <translation>In &amp;Perfetto öffnen…</translation>
    </message>
    <message>
        <source>Saves the trace and opens ui.perfetto.dev, where &quot;Open trace file&quot; loads it; nothing is uploaded</source>
        <translation>Speichert die Aufzeichnung und öffnet ui.perfetto.dev, wo „Open trace file“ sie lädt; nichts wird hochgeladen</translation>
    </message>
    <message>
        <source>Wheel or W S: zoom · A D: move · drag: select · click: what waits · 0: all</source>
        <translation>Rad oder W S: Zoom · A D: bewegen · ziehen: wählen · Klick: was wartet · 0: alles</translation>
    </message>
    <message>
        <source>not in this run</source>
        <translation>nicht in diesem Lauf</translation>
    </message>
    <message>
        <source>no run beside it</source>
        <translation>kein Lauf daneben</translation>
    </message>
</context>
<context>
    <name>gui::TopologyCanvas</name>
    <message>
        <source>loads unknown: simulate the network (F5)</source>
        <translation>Last unbekannt: das Netz simulieren (F5)</translation>
    </message>
    <message>
        <source>load of the busiest link</source>
        <translation>Last des vollsten Kabels</translation>
    </message>
    <message>
        <source>Topology of the cluster</source>
        <translation>Topologie des Clusters</translation>
    </message>
    <message>
        <source>%1: %2 accelerators (%3) in %4 nodes, %5 switches.</source>
        <translation>%1: %2 Beschleuniger (%3) in %4 Knoten, %5 Switches.</translation>
    </message>
    <message>
        <source>%1: %2 links, mean %3, busiest %4 (%5)</source>
        <translation>%1: %2 Kabel, im Mittel %3, vollstes %4 (%5)</translation>
    </message>
    <message>
        <source>load not known yet</source>
        <translation>Last noch nicht bekannt</translation>
    </message>
    <message>
        <source>busiest link %1 loaded</source>
        <translation>vollstes Kabel zu %1 belegt</translation>
    </message>
    <message>
        <source>%1: %2 links down, %3 up, %4</source>
        <translation>%1: %2 Kabel abwärts, %3 aufwärts, %4</translation>
    </message>
    <message>
        <source>GPU %1 in node %2 (%3), %4</source>
        <translation>GPU %1 in Knoten %2 (%3), %4</translation>
    </message>
    <message>
        <source>Cabled to %1</source>
        <translation>Verkabelt mit %1</translation>
    </message>
    <message>
        <source>No rank of this job</source>
        <translation>Kein Rang dieses Auftrags</translation>
    </message>
    <message>
        <source>Rank %1: tensor position %2, replica %3, stage %4</source>
        <translation>Rang %1: Tensor-Platz %2, Replik %3, Stufe %4</translation>
    </message>
    <message>
        <source>one line in %1 is drawn</source>
        <translation>jede %1. Linie ist gezeichnet</translation>
    </message>
</context>
<context>
    <name>gui::TopologyView</name>
    <message>
        <source>Busiest links</source>
        <translation>Vollste Kabel</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Lower × upper switches</source>
        <translation>Untere × obere Switches</translation>
    </message>
    <message>
        <source>pipeline</source>
        <translation>Pipeline</translation>
    </message>
    <message>
        <source>Makes a variant without it and simulates the network: compare it with the baseline</source>
        <translation>Macht eine Variante ohne es und simuliert das Netz: mit dem Bezug vergleichen</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Kabel</translation>
    </message>
    <message>
        <source>Load over the step</source>
        <translation>Last über den Schritt</translation>
    </message>
    <message>
        <source>Carried in a step</source>
        <translation>In einem Schritt befördert</translation>
    </message>
    <message>
        <source>%1 links, busiest first. A link is loaded by what it carries over what it could.</source>
        <translation>%1 Kabel, das vollste zuerst. Die Last ist, was ein Kabel befördert, durch das, was es könnte.</translation>
    </message>
    <message>
        <source>&amp;Fail what is selected</source>
        <translation>&amp;Ausfall des Gewählten</translation>
    </message>
    <message>
        <source>&amp;Fail %1</source>
        <translation>&amp;Ausfall von %1</translation>
    </message>
    <message>
        <source>Flows of what is selected</source>
        <translation>Datenströme des Gewählten</translation>
    </message>
    <message>
        <source>Collective of the selected accelerator</source>
        <translation>Kollektiv des gewählten Beschleunigers</translation>
    </message>
    <message>
        <source>Shows every device and link that this collective of the selected accelerator travels</source>
        <translation>Zeigt jedes Gerät und jedes Kabel, über das dieses Kollektiv des gewählten Beschleunigers läuft</translation>
    </message>
    <message>
        <source>A row shows the path of its collective; Esc in the map clears it</source>
        <translation>Eine Zeile zeigt den Weg ihres Kollektivs; Esc in der Karte hebt es auf</translation>
    </message>
    <message>
        <source>no collective</source>
        <translation>kein Kollektiv</translation>
    </message>
    <message>
        <source>out</source>
        <translation>hinaus</translation>
    </message>
    <message>
        <source>in</source>
        <translation>hinein</translation>
    </message>
    <message>
        <source>Flow</source>
        <translation>Datenstrom</translation>
    </message>
    <message>
        <source>Way</source>
        <translation>Richtung</translation>
    </message>
    <message>
        <source>In a step</source>
        <translation>Je Schritt</translation>
    </message>
    <message>
        <source>Of the load</source>
        <translation>Von der Last</translation>
    </message>
    <message>
        <source>Other end</source>
        <translation>Gegenüber</translation>
    </message>
    <message>
        <source>Over, busiest</source>
        <translation>Über, vollstes</translation>
    </message>
    <message>
        <source>Links</source>
        <translation>Kabel</translation>
    </message>
    <message>
        <source>Simulated as one</source>
        <translation>Als eines simuliert</translation>
    </message>
    <message>
        <source>Simulate the network (F5) to see its flows.</source>
        <translation>Das Netz simulieren (F5), um die Datenströme zu sehen.</translation>
    </message>
    <message>
        <source>Inside the scale-up domain, timed without flows: %1.</source>
        <translation>Innerhalb der Scale-up-Domäne, ohne Datenströme berechnet: %1.</translation>
    </message>
    <message>
        <source>Nothing crosses it in a step.</source>
        <translation>In einem Schritt geht nichts hindurch.</translation>
    </message>
</context>
<context>
    <name>gui::WhatIfPanel</name>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>NIC speed</source>
        <translation>NIC-Geschwindigkeit</translation>
    </message>
    <message>
        <source>Leaf oversubscription</source>
        <translation>Überbuchung der Leafs</translation>
    </message>
    <message>
        <source>Global batch</source>
        <translation>Globaler Batch</translation>
    </message>
    <message>
        <source>Micro-batch</source>
        <translation>Micro-Batch</translation>
    </message>
    <message>
        <source>Sequence length</source>
        <translation>Sequenzlänge</translation>
    </message>
    <message>
        <source>Tensor parallel</source>
        <translation>Tensor-parallel</translation>
    </message>
    <message>
        <source>Pipeline stages</source>
        <translation>Pipeline-Stufen</translation>
    </message>
    <message>
        <source>Virtual stages</source>
        <translation>Virtuelle Stufen</translation>
    </message>
    <message>
        <source>Step time</source>
        <translation>Schrittzeit</translation>
    </message>
    <message>
        <source>MFU</source>
        <translation>MFU</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>Memory, heaviest rank</source>
        <translation>Speicher, schwerster Rang</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Price per hour</source>
        <translation>Preis pro Stunde</translation>
    </message>
    <message>
        <source>Simulating…</source>
        <translation>Simulation läuft…</translation>
    </message>
    <message>
        <source>No result yet: see the message in the status bar.</source>
        <translation>Noch kein Ergebnis: siehe die Meldung in der Statuszeile.</translation>
    </message>
    <message>
        <source>Flow simulation, every transfer on every link.</source>
        <translation>Flusssimulation, jede Übertragung auf jedem Kabel.</translation>
    </message>
    <message>
        <source>Closed form, nothing contends.</source>
        <translation>Geschlossene Form, nichts stört sich.</translation>
    </message>
    <message>
        <source>Out of date: the figures are of an earlier text.</source>
        <translation>Veraltet: die Zahlen gehören zu einem früheren Text.</translation>
    </message>
    <message>
        <source>The network is being simulated…</source>
        <translation>Das Netz wird simuliert…</translation>
    </message>
    <message>
        <source>Drag a slider: the closed form answers at once, the network is simulated when you let go.</source>
        <translation>Einen Regler ziehen: die geschlossene Form antwortet sofort, das Netz wird simuliert, wenn man loslässt.</translation>
    </message>
    <message>
        <source>change of %1</source>
        <translation>Änderung von %1</translation>
    </message>
    <message>
        <source>Closed form, while you drag.</source>
        <translation>Geschlossene Form, während man zieht.</translation>
    </message>
    <message>
        <source>before</source>
        <translation>vorher</translation>
    </message>
    <message>
        <source>of %1: fits</source>
        <translation>von %1: passt</translation>
    </message>
    <message>
        <source>of %1: does not fit</source>
        <translation>von %1: passt nicht</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>of the whole cluster, while it runs</source>
        <translation>des ganzen Clusters, solange es rechnet</translation>
    </message>
    <message>
        <source>add purchase: {terms: ...}</source>
        <translation>purchase: {terms: ...} hinzufügen</translation>
    </message>
</context>
<context>
    <name>gui::Worker</name>
    <message>
        <source>The simulation ended with code %1 and said nothing; run gpuplan doctor.</source>
        <translation>Die Simulation endete mit Code %1 und sagte nichts; gpuplan doctor aufrufen.</translation>
    </message>
</context>
<context>
    <name>help</name>
    <message>
        <source>&lt;b&gt;Results&lt;/b&gt;&lt;p&gt;One training step: cards with ranges and changes to the baseline, the way from the accelerator&apos;s peak to what is achieved, where the time and the memory go.&lt;/p&gt;&lt;p&gt;The closed form answers after each edit; F5 simulates the network.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Ergebnisse&lt;/b&gt;&lt;p&gt;Ein Trainingsschritt: Karten mit Bereichen und Änderungen zum Bezug, der Weg von der Spitze des Beschleunigers zum Erreichten, wo Zeit und Speicher bleiben.&lt;/p&gt;&lt;p&gt;Die geschlossene Form antwortet nach jeder Änderung; F5 simuliert das Netz.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Whole run&lt;/b&gt;&lt;p&gt;The step repeated until the tokens are done, with failures, checkpoints, energy and money. Type the tokens at the top; how it is paid and what it may cost stand in the scenario (purchase, limits).&lt;/p&gt;&lt;p&gt;P5 and P95 are the ends between which 90 of 100 simulated courses lie.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Ganzer Lauf&lt;/b&gt;&lt;p&gt;Der Schritt, wiederholt, bis die Token verbraucht sind, mit Ausfällen, Sicherungen, Energie und Geld. Die Token oben eintippen; wie bezahlt wird und was es kosten darf, steht im Szenario (purchase, limits).&lt;/p&gt;&lt;p&gt;P5 und P95 sind die Enden, zwischen denen 90 von 100 simulierten Verläufen liegen.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Timeline&lt;/b&gt;&lt;p&gt;The simulated step, a row per stage and stream. Where a pixel covers many spans it shows their fractions.&lt;/p&gt;&lt;p&gt;W and S zoom, A and D move, a drag selects and adds up, a click shows what a span waited for, Esc clears. Another run can stand beside it.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Zeitlinie&lt;/b&gt;&lt;p&gt;Der simulierte Schritt, eine Zeile je Stufe und Strom. Wo ein Bildpunkt viele Abschnitte deckt, zeigt er ihre Anteile.&lt;/p&gt;&lt;p&gt;W und S zoomen, A und D bewegen, Ziehen wählt und zählt zusammen, ein Klick zeigt, worauf ein Abschnitt wartete, Esc löscht. Ein anderer Lauf kann daneben stehen.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Explore&lt;/b&gt;&lt;p&gt;&lt;i&gt;What if&lt;/i&gt;: drag a number, the closed form answers at once. &lt;i&gt;Sweep&lt;/i&gt;: vary what the buttons ⇄ beside the form&apos;s fields added. &lt;i&gt;Plan&lt;/i&gt;: find the best layout, or the best cluster under limits.&lt;/p&gt;&lt;p&gt;A frame dragged in the chart picks; what is picked becomes a variant.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Erkunden&lt;/b&gt;&lt;p&gt;&lt;i&gt;Was wäre wenn&lt;/i&gt;: eine Zahl ziehen, die geschlossene Form antwortet sofort. &lt;i&gt;Reihe&lt;/i&gt;: variieren, was die Knöpfe ⇄ neben den Feldern hinzugefügt haben. &lt;i&gt;Plan&lt;/i&gt;: das beste Layout finden, oder das beste Cluster unter Grenzen.&lt;/p&gt;&lt;p&gt;Ein Rahmen im Diagramm wählt; was gewählt ist, wird eine Variante.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Compare&lt;/b&gt;&lt;p&gt;All open scenarios, changes told against the first. Enter on a row shows that scenario.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Vergleich&lt;/b&gt;&lt;p&gt;Alle offenen Szenarien, Änderungen gegen das erste. Eingabe auf einer Zeile zeigt jenes Szenario.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Calibrate&lt;/b&gt;&lt;p&gt;Measure with gpuplan-runner, here or behind a command such as ssh or srun, or add files of others; fit a profile; look at its errors; adopt it for simulations.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Kalibrieren&lt;/b&gt;&lt;p&gt;Mit gpuplan-runner messen, hier oder hinter einem Befehl wie ssh oder srun, oder Dateien anderer hinzufügen; ein Profil anpassen; seine Fehler ansehen; es für Simulationen übernehmen.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Sources&lt;/b&gt;&lt;p&gt;Every value of the scenario and where it comes from: the file&apos;s line, a catalog entry with its data sheet and date, or a documented default.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Quellen&lt;/b&gt;&lt;p&gt;Jeder Wert des Szenarios und woher er kommt: die Zeile der Datei, ein Katalogeintrag mit Datenblatt und Datum, oder eine beschriebene Vorgabe.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Roofline&lt;/b&gt;&lt;p&gt;Each kernel of the step on the busiest stage by what it computes per byte of memory and per second, under what the accelerator could do: to the left of the bend memory limits, to the right the matrix units.&lt;/p&gt;&lt;p&gt;A click or the arrow keys pick a kernel, in the chart or in the table.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Roofline&lt;/b&gt;&lt;p&gt;Jeder Kernel des Schritts auf der am meisten beschäftigten Stufe danach, was er je Byte des Speichers und je Sekunde rechnet, unter dem, was der Beschleuniger könnte: links vom Knick begrenzt der Speicher, rechts die Matrixeinheiten.&lt;/p&gt;&lt;p&gt;Ein Klick oder die Pfeiltasten wählen einen Kernel, im Diagramm oder in der Tabelle.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;b&gt;Topology&lt;/b&gt;&lt;p&gt;The cluster as a map, the cables between switches as a matrix, the busiest links as a list, coloured by load once the network is simulated (F5).&lt;/p&gt;&lt;p&gt;Wheel, + and - zoom, arrows select, 0 shows all. &quot;Fail&quot; makes a variant without what is selected and simulates it.&lt;/p&gt;&lt;p&gt;What is selected lists the flows in and out of it: what for, with whom, how many bytes of the step, over which link. A row, or the list of collectives, shows every device and link that the collective travels; Esc clears. Links that are provably alike were simulated as one; collectives inside a scale-up domain, the loading of data and checkpoints are timed without flows.&lt;/p&gt;</source>
        <translation>&lt;b&gt;Topologie&lt;/b&gt;&lt;p&gt;Das Cluster als Karte, die Kabel zwischen Switches als Matrix, die vollsten Kabel als Liste, nach Last gefärbt, sobald das Netz simuliert ist (F5).&lt;/p&gt;&lt;p&gt;Rad, + und - zoomen, Pfeile wählen, 0 zeigt alles. „Ausfall“ macht eine Variante ohne das Gewählte und simuliert sie.&lt;/p&gt;&lt;p&gt;Was gewählt ist, nennt die Datenströme hinein und hinaus: wofür, mit wem, wie viele Bytes je Schritt, über welches Kabel. Eine Zeile, oder die Liste der Kollektive, zeigt jedes Gerät und jedes Kabel, über das das Kollektiv läuft; Esc hebt es auf. Kabel, die beweisbar gleich sind, wurden als eines simuliert; Kollektive innerhalb einer Scale-up-Domäne, das Laden von Daten und Checkpoints werden ohne Datenströme berechnet.&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>kernels</name>
    <message>
        <source>QKV projection</source>
        <translation>QKV-Projektion</translation>
    </message>
    <message>
        <source>attention output</source>
        <translation>Attention-Ausgang</translation>
    </message>
    <message>
        <source>attention</source>
        <translation>Attention</translation>
    </message>
    <message>
        <source>rotary embedding</source>
        <translation>Rotationskodierung</translation>
    </message>
    <message>
        <source>MLP up</source>
        <translation>MLP aufwärts</translation>
    </message>
    <message>
        <source>MLP activation</source>
        <translation>MLP-Aktivierung</translation>
    </message>
    <message>
        <source>MLP down</source>
        <translation>MLP abwärts</translation>
    </message>
    <message>
        <source>norm</source>
        <translation>Norm</translation>
    </message>
    <message>
        <source>residual</source>
        <translation>Residuum</translation>
    </message>
    <message>
        <source>router</source>
        <translation>Router</translation>
    </message>
    <message>
        <source>token permutation</source>
        <translation>Umordnen der Token</translation>
    </message>
    <message>
        <source>embedding</source>
        <translation>Einbettung</translation>
    </message>
    <message>
        <source>logits</source>
        <translation>Logits</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>optimizer</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>convolution</source>
        <translation>Faltung</translation>
    </message>
    <message>
        <source>depthwise convolution</source>
        <translation>Faltung je Kanal</translation>
    </message>
    <message>
        <source>linear layer</source>
        <translation>lineare Schicht</translation>
    </message>
    <message>
        <source>activation</source>
        <translation>Aktivierung</translation>
    </message>
    <message>
        <source>gate</source>
        <translation>Tor</translation>
    </message>
    <message>
        <source>addition</source>
        <translation>Addition</translation>
    </message>
    <message>
        <source>movement</source>
        <translation>Umlagerung</translation>
    </message>
    <message>
        <source>cast to 8 bits</source>
        <translation>Umwandlung in 8 Bit</translation>
    </message>
    <message>
        <source>expansion of 4-bit weights</source>
        <translation>Entpacken von 4-Bit-Gewichten</translation>
    </message>
    <message>
        <source>gradient accumulation</source>
        <translation>Summieren der Gradienten</translation>
    </message>
    <message>
        <source>other</source>
        <translation>anderes</translation>
    </message>
    <message>
        <source>expert %1</source>
        <translation>Experten: %1</translation>
    </message>
    <message>
        <source>%1, weight gradient</source>
        <translation>%1, Gewichtsgradient</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>The desktop of gpuplan: plan AI training clusters.</source>
        <translation>Die Oberfläche von gpuplan: KI-Trainingscluster planen.</translation>
    </message>
    <message>
        <source>light or dark.</source>
        <translation>light oder dark.</translation>
    </message>
    <message>
        <source>Of the window.</source>
        <translation>Des Fensters.</translation>
    </message>
    <message>
        <source>Draw results, run, topology, timeline, explore, compare, calibrate, sources or roofline into FILE.png (the argument after it) and leave.</source>
        <translation>results, run, topology, timeline, explore, compare, calibrate, sources oder roofline in DATEI.png (das Argument danach) zeichnen und beenden.</translation>
    </message>
    <message>
        <source>Scenarios (YAML), and what can be dropped on the window.</source>
        <translation>Szenarien (YAML) und was man auf das Fenster ziehen kann.</translation>
    </message>
</context>
<context>
    <name>parts</name>
    <message>
        <source>Matrix products</source>
        <translation>Matrixprodukte</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Attention</translation>
    </message>
    <message>
        <source>Memory-bound</source>
        <translation>Speichergebunden</translation>
    </message>
    <message>
        <source>Embedding</source>
        <translation>Embedding</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlustfunktion</translation>
    </message>
    <message>
        <source>Recomputation</source>
        <translation>Neuberechnung</translation>
    </message>
    <message>
        <source>TP network</source>
        <translation>TP-Netz</translation>
    </message>
    <message>
        <source>CP network</source>
        <translation>CP-Netz</translation>
    </message>
    <message>
        <source>EP network</source>
        <translation>EP-Netz</translation>
    </message>
    <message>
        <source>Pipeline network</source>
        <translation>Pipeline-Netz</translation>
    </message>
    <message>
        <source>DP network</source>
        <translation>DP-Netz</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Offload</source>
        <translation>Auslagerung</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Wirtsrechner</translation>
    </message>
    <message>
        <source>Pipeline bubble</source>
        <translation>Pipeline-Blase</translation>
    </message>
    <message>
        <source>Stragglers</source>
        <translation>Nachzügler</translation>
    </message>
    <message>
        <source>Waiting for data</source>
        <translation>Warten auf Daten</translation>
    </message>
    <message>
        <source>Kernels below peak</source>
        <translation>Kernel unter der Spitze</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Writing checkpoints</source>
        <translation>Sicherungen schreiben</translation>
    </message>
    <message>
        <source>Work done twice</source>
        <translation>Doppelt getane Arbeit</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Stillstand</translation>
    </message>
    <message>
        <source>Restarting</source>
        <translation>Neustart</translation>
    </message>
    <message>
        <source>Waiting for nodes</source>
        <translation>Warten auf Knoten</translation>
    </message>
    <message>
        <source>Running slowly</source>
        <translation>Langsamer Lauf</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Vorwärts</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>Rückwärts</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Gradients</source>
        <translation>Gradienten</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>Aktivierungen</translation>
    </message>
    <message>
        <source>Fragmentation</source>
        <translation>Verschnitt</translation>
    </message>
    <message>
        <source>Reserved by libraries</source>
        <translation>Von Bibliotheken belegt</translation>
    </message>
</context>
<context>
    <name>paths</name>
    <message>
        <source>Path of GPU %1&apos;s %2: %3 ranks, %4 links, %5 switches.</source>
        <translation>Weg von GPU %1, %2: %3 Ränge, %4 Kabel, %5 Switches.</translation>
    </message>
    <message>
        <source>Of so large an all-to-all the flows of this GPU alone are shown.</source>
        <translation>Von einem so großen All-to-all sind nur die Datenströme dieser GPU gezeigt.</translation>
    </message>
    <message>
        <source>%1 flows have no way: links are lost.</source>
        <translation>%1 Datenströme haben keinen Weg: Kabel sind ausgefallen.</translation>
    </message>
</context>
<context>
    <name>plans</name>
    <message>
        <source>micro-batch</source>
        <translation>Micro-Batch</translation>
    </message>
    <message>
        <source>%1 %2: %3 used</source>
        <translation>%1 %2: %3 genutzt</translation>
    </message>
    <message>
        <source>, a tenth more would save %1</source>
        <translation>, ein Zehntel mehr sparte %1</translation>
    </message>
    <message>
        <source> and </source>
        <translation> und </translation>
    </message>
    <message>
        <source>No plan meets the limits.</source>
        <translation>Kein Plan hält die Grenzen ein.</translation>
    </message>
    <message>
        <source>Without %1 there would be one.</source>
        <translation>Ohne %1 gäbe es einen.</translation>
    </message>
    <message>
        <source>, or </source>
        <translation>, oder </translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>Layout</translation>
    </message>
    <message>
        <source>Found as</source>
        <translation>Gefunden als</translation>
    </message>
    <message>
        <source>best</source>
        <translation>bester</translation>
    </message>
    <message>
        <source>Pareto</source>
        <translation>Pareto</translation>
    </message>
    <message>
        <source>%1 layouts looked at in %2: %3 cannot train the model, %4 do not fit.</source>
        <translation>%1 Layouts in %2 geprüft: %3 können das Modell nicht trainieren, %4 passen nicht.</translation>
    </message>
    <message>
        <source>None is left: use more or larger accelerators, or a smaller training.global_batch or sequence_length.</source>
        <translation>Keines bleibt: mehr oder größere Beschleuniger nehmen, oder training.global_batch oder sequence_length verkleinern.</translation>
    </message>
    <message>
        <source>Cluster</source>
        <translation>Cluster</translation>
    </message>
    <message>
        <source>Paid</source>
        <translation>Bezahlt</translation>
    </message>
    <message>
        <source>%1 plans and %2 layouts looked at.</source>
        <translation>%1 Pläne und %2 Layouts geprüft.</translation>
    </message>
    <message>
        <source>close</source>
        <translation>nah</translation>
    </message>
    <message>
        <source>nearest</source>
        <translation>nächster</translation>
    </message>
</context>
<context>
    <name>timeline</name>
    <message>
        <source>Stage %1 compute</source>
        <translation>Stufe %1 Rechnen</translation>
    </message>
    <message>
        <source>Stage %1 network</source>
        <translation>Stufe %1 Netz</translation>
    </message>
</context>
<context>
    <name>topology</name>
    <message>
        <source>Group %1</source>
        <translation>Gruppe %1</translation>
    </message>
</context>
<context>
    <name>traffic</name>
    <message>
        <source>other jobs</source>
        <translation>andere Aufträge</translation>
    </message>
    <message>
        <source>pipeline, activations</source>
        <translation>Pipeline, Aktivierungen</translation>
    </message>
    <message>
        <source>pipeline, gradients</source>
        <translation>Pipeline, Gradienten</translation>
    </message>
    <message>
        <source>tensor-parallel all-to-all</source>
        <translation>tensor-paralleles All-to-all</translation>
    </message>
    <message>
        <source>tensor-parallel ring</source>
        <translation>tensor-paralleler Ring</translation>
    </message>
    <message>
        <source>context-parallel all-to-all</source>
        <translation>kontext-paralleles All-to-all</translation>
    </message>
    <message>
        <source>context-parallel ring</source>
        <translation>kontext-paralleler Ring</translation>
    </message>
    <message>
        <source>expert all-to-all</source>
        <translation>All-to-all der Experten</translation>
    </message>
    <message>
        <source>expert ring</source>
        <translation>Ring der Experten</translation>
    </message>
    <message>
        <source>data-parallel all-to-all</source>
        <translation>daten-paralleles All-to-all</translation>
    </message>
    <message>
        <source>data-parallel ring</source>
        <translation>daten-paralleler Ring</translation>
    </message>
    <message>
        <source>all-to-all of a shard group</source>
        <translation>All-to-all einer Shard-Gruppe</translation>
    </message>
    <message>
        <source>ring of a shard group</source>
        <translation>Ring einer Shard-Gruppe</translation>
    </message>
    <message>
        <source>all-to-all between shard groups</source>
        <translation>All-to-all zwischen Shard-Gruppen</translation>
    </message>
    <message>
        <source>ring between shard groups</source>
        <translation>Ring zwischen Shard-Gruppen</translation>
    </message>
    <message>
        <source>data-parallel all-to-all of experts</source>
        <translation>daten-paralleles All-to-all der Experten</translation>
    </message>
    <message>
        <source>data-parallel ring of experts</source>
        <translation>daten-paralleler Ring der Experten</translation>
    </message>
    <message>
        <source>pipeline</source>
        <translation>Pipeline</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>%1 days</source>
        <translation>%1 Tage</translation>
    </message>
</context>
</TS>
