using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Mvc.TagHelpers;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>A form control with its label, a hint and its validation error.</summary>
[HtmlTargetElement("form-field")]
public sealed class FormFieldTagHelper : TagHelper
{
    /// <summary>The id of the control, and its name unless it has another. The ids of hint and error start with it.</summary>
    public string For { get; set; } = "";

    public string Label { get; set; } = "";

    /// <summary>The allowed values. Null or empty: no hint.</summary>
    public string? Hint { get; set; }

    /// <summary>The validation error and the allowed values. Null or empty: the value is valid.</summary>
    public string? Error { get; set; }

    internal string? HintId => string.IsNullOrEmpty(Hint) ? null : $"{For}-hint";

    internal string? ErrorId => string.IsNullOrEmpty(Error) ? null : $"{For}-error";

    public override void Init(TagHelperContext context) => context.Items[typeof(FormFieldTagHelper)] = this;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var control = await output.GetChildContentAsync();
        output.TagName = "div";
        output.Content.AppendFormat("""<label class="form-label" for="{0}">{1}</label>""", For, Label).AppendHtml(control);
        if (HintId is not null)
            output.Content.AppendFormat("""<div class="form-text" id="{0}">{1}</div>""", HintId, Hint!);
        if (ErrorId is not null)
            output.Content.AppendFormat("""<div class="field-error" id="{0}">{1}</div>""", ErrorId, Error!);
    }
}

/// <summary>Adds id, name, style and the references to hint and error to the control of a <see cref="FormFieldTagHelper"/>.</summary>
[HtmlTargetElement("input", ParentTag = "form-field", TagStructure = TagStructure.WithoutEndTag)]
[HtmlTargetElement("select", ParentTag = "form-field")]
[HtmlTargetElement("textarea", ParentTag = "form-field")]
public sealed class FormControlTagHelper : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var field = (FormFieldTagHelper)context.Items[typeof(FormFieldTagHelper)];
        output.Attributes.SetAttribute("id", field.For);
        if (!output.Attributes.ContainsName("name"))
            output.Attributes.Add("name", field.For);
        output.AddClass(context.TagName == "select" ? "form-select" : "form-control", HtmlEncoder.Default);
        if (field.ErrorId is not null)
        {
            output.AddClass("is-invalid", HtmlEncoder.Default);
            output.Attributes.Add("aria-invalid", "true");
        }
        string?[] descriptions = [field.ErrorId, field.HintId, output.Attributes["aria-describedby"]?.Value?.ToString()];
        if (string.Join(' ', descriptions.OfType<string>()) is { Length: > 0 } ids)
            output.Attributes.SetAttribute("aria-describedby", ids);
    }
}
