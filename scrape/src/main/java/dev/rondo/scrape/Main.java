package dev.rondo.scrape;

import java.io.PrintWriter;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command line: {@code rondo}. */
@Command(
        name = "rondo",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "asyncio for Java: one event loop, coroutines on virtual threads.")
final class Main implements Runnable {

    /**
     * Coroutines run on the stack of the loop's thread, so this is how deep they may recurse. Only what is used takes
     * memory.
     */
    private static final long STACK_BYTES = 512L * 1024 * 1024;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Main() {}

    /** Runs a command on a thread with a large stack, and exits with its code. */
    public static void main(String[] args) throws InterruptedException {
        Logging.start();
        int[] code = {ScrapeRun.FAILED};
        Thread loop = new Thread(null, () -> code[0] = run(Streams.system(), args), "rondo-loop", STACK_BYTES);
        loop.start();
        loop.join();
        System.exit(code[0]);
    }

    /** Runs a command on the calling platform thread; returns the exit code. */
    static int run(Streams streams, String... args) {
        CommandLine commandLine = commandLine(new Main());
        for (Object command : new Object[] {new ScrapeCommand(streams), new CrawlCommand(streams)}) {
            commandLine.addSubcommand(commandLine(command));
        }
        commandLine.setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF));
        commandLine.setOut(new PrintWriter(streams.out(), true, streams.charset()));
        commandLine.setErr(new PrintWriter(streams.err(), true, streams.charset()));
        commandLine.setExecutionExceptionHandler((failure, command, arguments) -> {
            if (failure instanceof UnusableFileException) {
                command.getErr().println("rondo: " + failure.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            throw failure;
        });
        commandLine.setParameterExceptionHandler((wrong, arguments) -> usage(wrong));
        return commandLine.execute(args);
    }

    /** Returns what reads the arguments of a command. */
    static CommandLine commandLine(Object command) {
        CommandLine commandLine = new CommandLine(command);
        ITypeConverter<Double> decimal = text -> number(text, "a number", Double::valueOf); // not "a double"
        ITypeConverter<Integer> whole = text -> number(text, "a whole number", Integer::valueOf);
        ITypeConverter<Long> large = text -> number(text, "a whole number", Long::valueOf);
        commandLine.registerConverter(double.class, decimal).registerConverter(Double.class, decimal);
        commandLine.registerConverter(int.class, whole).registerConverter(Integer.class, whole);
        commandLine.registerConverter(long.class, large).registerConverter(Long.class, large);
        return commandLine.setExpandAtFiles(false); // a URL may begin with @
    }

    private static <T> T number(String text, String what, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is not " + what);
        }
    }

    private static int usage(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        PrintWriter err = command.getErr();
        err.println(name + ": " + wrong.getMessage());
        err.print(command.getHelp().fullSynopsis());
        err.println("More: " + name + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    /** Without a command: says which there are. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? There are: scrape, crawl");
    }

    /** The version in the jar; none when run from a directory of classes. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"rondo " + (version == null ? "(built from source)" : version)};
        }
    }
}
